"""Checks of the chart's files that need no helm: nothing is said twice, and differently."""

import pathlib
import re
import subprocess
import sys

import yaml

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CHART = REPOSITORY / "helm" / "streamgauge"
sys.path.append(str(REPOSITORY / "tools" / "chart"))

import generate  # noqa: E402


def check(results):
    results.add("files", "schema and README are those of values.yaml", generated())
    results.add("files", "the chart's agent is this version", version())
    for name in ("alerts", "dashboards"):
        results.add("files", f"{name} are the repository's own files", linked(name))
    for document in ("redis.md", "deploy.md"):
        results.add("files", f"the notes grant what docs/{document} grants", redis_rights(document))
    for document in ("kafka.md", "deploy.md"):
        results.add("files", f"the notes grant what docs/{document} grants", kafka_rights(document))
    tested = tested_paths()
    for path in value_paths():
        wrong = None if is_tested(path, tested) else f"no case in helm/streamgauge/tests/ sets {path}"
        results.add("values tested", path, wrong)


def generated():
    """What differs from what the generator makes, if anything."""
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "tools/chart/generate.py"), "--check"],
        capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def version():
    agent = re.search(r"project\(streamgauge VERSION (\S+)", (REPOSITORY / "CMakeLists.txt").read_text())
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    if str(chart["appVersion"]) != agent.group(1):
        return f"appVersion is {chart['appVersion']}, CMakeLists.txt says {agent.group(1)}"
    return None


def linked(name):
    link, folder = CHART / "files" / name, REPOSITORY / name
    if not link.is_symlink() or link.resolve() != folder.resolve():
        return f"{link} is no link to {folder}: a copy would go stale"
    return None


def words(text):
    """Runs of blanks and line ends do not matter, nor a shell's line continuations."""
    return re.sub(r"[\s\\]+", " ", text)


def redis_rights(document):
    notes = (CHART / "templates" / "NOTES.txt").read_text()
    granted = re.search(r"on >\S* ?.*?(resetkeys .*)", notes)
    if words(granted.group(1)).strip() not in words((REPOSITORY / "docs" / document).read_text()):
        return f"it does not have: {granted.group(1)}"
    return None


def kafka_rights(name):
    notes = (CHART / "templates" / "NOTES.txt").read_text()
    document = (REPOSITORY / "docs" / name).read_text().replace("\\\n", " ")
    here, there = ({words(g).strip() for g in re.findall(r"--operation .*", t)} for t in (notes, document))
    if not there or here != there:
        return f"only in one of them: {sorted(here ^ there)}"
    return None


def settings(tree, prefix=""):
    """All paths that a test's `set` has, dotted keys taken apart."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            path = f"{prefix}.{key}".lstrip(".")
            yield path
            yield from settings(value, path)


def tested_paths():
    found = set()
    for suite in (CHART / "tests").glob("*_test.yaml"):
        for test in yaml.safe_load(suite.read_text())["tests"]:
            found.update(settings(test.get("set")))
    return found


def is_tested(path, tested):
    return path in tested or any(one.startswith(path + ".") for one in tested)


def value_paths():
    text = (CHART / "values.yaml").read_text()
    _, values = generate.read_values(yaml.compose(text), yaml.safe_load(text), text.splitlines())
    return [value.path for value in values]
