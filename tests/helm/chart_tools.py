"""Checks of the chart with helm, helm-unittest, kubeconform, kube-score and promtool."""

import json
import pathlib
import re
import subprocess
import tarfile

import yaml

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CHART = REPOSITORY / "helm" / "streamgauge"
KUBERNETES = ("1.29.0", "1.33.0", "1.37.0")

# What kube-score calls critical and this chart does not do, each with the reason.
SCORE_EXPLAINED = {
    # A limit would only make polls late; the request is what the scheduler needs.
    "container-resources": "CPU limit is not set",
    # The agent writes nothing; what is not written needs no limit.
    "container-ephemeral-storage-request-and-limit": "",
    # Off by default, as whom to let in is the user's to say.
    "pod-networkpolicy": "",
    # 0.1.0 may be rebuilt by its user under the same tag, and clusters without a registry have
    # nothing to pull from.
    "container-image-pull-policy": "ImagePullPolicy is not set to Always",
}


class Tools:
    def __init__(self, folder, schemas):
        self.folder, self.schemas = pathlib.Path(folder), schemas

    def run(self, program, *arguments, text=None):
        """(exit code, output, errors); links in the chart are no news."""
        done = subprocess.run([str(self.folder / program), *map(str, arguments)], input=text,
                              capture_output=True, text=True, check=False)
        errors = "\n".join(l for l in done.stderr.splitlines() if "found symbolic link" not in l)
        return done.returncode, done.stdout, errors

    def render(self, values, *arguments):
        code, output, errors = self.run("helm", "template", "gauge", CHART, "--values", values,
                                        "--namespace", "messaging", *arguments)
        if code:
            raise RuntimeError(errors)
        return output


def check(results, tools, folder):
    for values in sorted((CHART / "ci").glob("*-values.yaml")):
        results.add("lint", values.name, lint(tools, values))
        for version in KUBERNETES:
            results.add("kubeconform", f"{values.name} on {version}", conform(tools, values, version))
        results.add("kube-score", values.name, score(tools, values))
    unittest(results, tools, folder)
    results.add("package", "holds the repository's alerts and dashboards", package(tools, folder))
    everything = CHART / "ci" / "everything-values.yaml"
    results.add("rules", "as rendered are good rules for Prometheus", rules(tools, everything, folder))
    results.add("rules", "without changes are those of alerts/", same_rules(tools))
    results.add("dashboards", "as rendered are those of dashboards/", same_dashboards(tools))


def lint(tools, values):
    code, output, errors = tools.run("helm", "lint", "--strict", CHART, "--values", values)
    return output + errors if code else None


def conform(tools, values, version):
    manifests = tools.render(values, "--kube-version", version)
    code, output, errors = tools.run(
        "kubeconform", "-strict", "-summary", "-kubernetes-version", version, "-schema-location",
        tools.schemas + "/{{.NormalizedKubernetesVersion}}-standalone-strict/"
        "{{.ResourceKind}}{{.KindSuffix}}.json", text=manifests)
    # A kind without a schema would be skipped in silence.
    if code or not re.search(r"Invalid: 0, Errors: 0, Skipped: 0", output):
        return output + errors
    return None


def score(tools, values):
    _, output, errors = tools.run("kube-score", "score", "--output-format", "json", "-",
                                  text=tools.render(values))
    try:
        objects = json.loads(output)
    except ValueError:
        return output + errors
    bad = []
    for one in objects:
        for test in one["checks"] or []:
            if test["grade"] <= 1 and not test["skipped"]:
                bad += unexplained(one["object_name"], test)
    return "\n".join(bad)


def unexplained(name, test):
    """The comments of a critical check that SCORE_EXPLAINED does not account for."""
    check_id = test["check"]["id"]
    comments = [f"{c.get('summary', '')} {c.get('description', '')}" for c in test["comments"] or [{}]]
    reason = SCORE_EXPLAINED.get(check_id)
    return [f"{name}: {check_id}: {c}" for c in comments if reason is None or reason not in c]


def unittest(results, tools, folder):
    """Each case of helm/streamgauge/tests/ is one here."""
    report = folder / "unittest.xml"
    _, output, errors = tools.run("helm-unittest", "--output-type", "JUnit", "--output-file", report, CHART)
    if not report.exists():
        results.add("unittest", "runs", output + errors)
        return
    import xml.etree.ElementTree as tree
    for suite in tree.parse(report).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            trouble = case.find("failure") if case.find("failure") is not None else case.find("error")
            wrong = None if trouble is None else trouble.text or trouble.get("message") or "failed"
            results.add("unittest", f"{suite.get('name')}: {case.get('name')}", wrong)


def package(tools, folder):
    code, output, errors = tools.run("helm", "package", CHART, "--destination", folder)
    if code:
        return output + errors
    archive = next(folder.glob("streamgauge-*.tgz"))
    packed = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.name.startswith("streamgauge/files/"):
                packed[member.name.removeprefix("streamgauge/files/")] = tar.extractfile(member).read()
    wanted = {f"alerts/{p.name}": p.read_bytes() for p in (REPOSITORY / "alerts").glob("*.rules.yml")}
    wanted |= {f"dashboards/{p.name}": p.read_bytes() for p in (REPOSITORY / "dashboards").glob("*.json")}
    differing = sorted(name for name in packed | wanted if packed.get(name) != wanted.get(name))
    return f"differ, are missing or are too many: {differing}" if differing else None


def documents(text, kind):
    return [one for one in yaml.safe_load_all(text) if one and one["kind"] == kind]


def rule_file(text):
    """The content of the ConfigMap with the rules."""
    return next(d["data"]["streamgauge.rules.yml"] for d in documents(text, "ConfigMap")
                if "streamgauge.rules.yml" in d["data"])


def rules(tools, values, folder):
    text = tools.render(values)
    (folder / "rules.yml").write_text(rule_file(text))
    done = subprocess.run(["promtool", "check", "rules", folder / "rules.yml"],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        return done.stdout + done.stderr
    if documents(text, "PrometheusRule")[0]["spec"] != yaml.safe_load(rule_file(text)):
        return "the PrometheusRule and the ConfigMap differ"
    return None


def same_rules(tools):
    """Only the links differ, which lead nowhere until the values say where."""
    text = tools.render(CHART / "ci" / "minimal-values.yaml", "--set", "alerts.configMap=true",
                        "--set", "alerts.runbookUrl=https://streamgauge.example.com/docs/runbooks",
                        "--set", "alerts.grafanaUrl=https://grafana.example.com")
    rendered = yaml.safe_load(rule_file(text))["groups"]
    own = []
    for path in sorted((REPOSITORY / "alerts").glob("*.rules.yml")):
        own += yaml.safe_load(path.read_text())["groups"]
    return None if rendered == own else "the chart's rules are not those of alerts/"


def same_dashboards(tools):
    text = tools.render(CHART / "ci" / "minimal-values.yaml", "--set", "dashboards.enabled=true")
    rendered = {}
    for one in documents(text, "ConfigMap"):
        rendered |= {k: v for k, v in one["data"].items() if k.endswith(".json")}
    own = {f"streamgauge-{p.name}": p.read_text() for p in (REPOSITORY / "dashboards").glob("*.json")}
    if {k: json.loads(v) for k, v in rendered.items()} != {k: json.loads(v) for k, v in own.items()}:
        return "the chart's dashboards are not those of dashboards/"
    return None
