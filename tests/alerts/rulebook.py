"""The rule files and their tests as data, and how promtool is asked about them.

Everything here reads alerts/ of the repository; nothing writes to it.
"""

import os
import pathlib
import re
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALERTS = ROOT / "alerts"
THRESHOLD = "streamgauge:threshold"


class Rule:
    """One rule, with the group and file that it stands in."""

    def __init__(self, path, group, body):
        self.path, self.group, self.body = path, group, body
        self.alert = body.get("alert")
        self.expr = body["expr"]
        self.annotations = body.get("annotations", {})
        self.labels = body.get("labels", {})

    @property
    def name(self):
        """Unique among rules: thresholds share their metric, and AgentDown has two expressions."""
        extra = self.labels.get("name") or self.labels.get("agents")
        extra = [extra, self.labels.get("system")] if extra else []
        return " ".join([self.alert or self.body["record"], *filter(None, extra)])

    @property
    def is_threshold(self):
        return self.body.get("record") == THRESHOLD

    def uses(self, record):
        """Whether the expression or a query in an annotation reads what `record` writes."""
        text = " ".join([self.expr, *self.annotations.values()])
        if record.is_threshold:
            return f'name="{record.labels["name"]}"' in text.replace("\\", "")
        return re.search(rf"\b{re.escape(record.body['record'])}\b(?!:)", text) is not None


def load_rules():
    rules = []
    for path in sorted(ALERTS.glob("*.rules.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            rules += [Rule(path, group["name"], body) for body in group["rules"]]
    return rules


def needed_by(rule, rules):
    """`rule` and the recording rules that it builds on, in the order of the files."""
    needed = [rule]
    for user in needed:
        needed += [r for r in rules if not r.alert and r not in needed and user.uses(r)]
    return [r for r in rules if r in needed]


def as_file(rules):
    """The contents of a rule file with these rules, each in its own group."""
    groups = {}
    for rule in rules:
        groups.setdefault(rule.group, []).append(rule.body)
    return {"groups": [{"name": name, "rules": bodies} for name, bodies in groups.items()]}


class TestFile:
    """One file of alerts/tests/."""

    def __init__(self, path):
        self.path = path
        self.body = yaml.safe_load(path.read_text())
        self.cases = self.body["tests"]
        for series in (s for case in self.cases for s in case.get("input_series", [])):
            # 0x10 is ten more zeros to promtool and the number 16 to YAML.
            if not isinstance(series["values"], str):
                raise ValueError(f"{path}: quote the values of {series['series']}")

    @property
    def name(self):
        return self.path.name.removesuffix(".test.yml")

    @property
    def alerts(self):
        return {c["alertname"] for case in self.cases for c in case.get("alert_rule_test", [])}

    @property
    def expressions(self):
        """All that is evaluated in it apart from alerts, as one text."""
        return "\n".join(c["expr"] for case in self.cases for c in case.get("promql_expr_test", []))

    def rule_files(self):
        return [(self.path.parent / name).resolve() for name in self.body["rule_files"]]


def load_test_files():
    return [TestFile(path) for path in sorted((ALERTS / "tests").glob("*.test.yml"))]


def write_yaml(path, body):
    path.write_text(yaml.safe_dump(body, sort_keys=False, width=1000))


# Hundreds of short runs side by side: collecting garbage in them is a third of the time.
FRUGAL = {**os.environ, "GOGC": "400", "GOMAXPROCS": "1"}


def run(*command):
    """Runs a command; returns (succeeded, everything that it printed)."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=FRUGAL,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode == 0, done.stdout


def promtool_test(path):
    return run("promtool", "test", "rules", os.fspath(path))
