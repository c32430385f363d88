"""What every alert must have: labels and texts, a runbook, a row in the table, test cases."""

import json
import re

from rulebook import ALERTS, ROOT, run

SEVERITIES = {"critical", "warning", "info"}
RUNBOOK_URL = "https://streamgauge.example.com/docs/runbooks/{}.md"
DASHBOARD_URL = re.compile(r"https://grafana\.example\.com/d/(streamgauge-[a-z{} $.]+)(\?|$)")
RUNBOOK_SECTIONS = ["## Meaning", "## How bad", "## Causes", "## Commands", "## Silence"]
KINDS = {"fires": "a case that fires", "near miss": "a near miss", "missing data": "missing data"}


def check_syntax(results):
    for path in sorted(ALERTS.glob("*.rules.yml")):
        passed, output = run("promtool", "check", "rules", str(path))
        results.add("syntax", path.name, None if passed else output)


def wrong_with_texts(rule):
    notes = rule.annotations
    if not rule.alert.startswith("Streamgauge"):
        yield "its name does not start with Streamgauge"
    if rule.labels.get("severity") not in SEVERITIES:
        yield f"its severity is none of {sorted(SEVERITIES)}"
    if "{{" in notes.get("summary", "{{"):
        yield "its summary is missing or not static"
    if "{{" not in notes.get("description", "") and "by (" in rule.expr:
        yield "its description is missing or has no figures"
    if notes.get("runbook_url") != RUNBOOK_URL.format(rule.alert):
        yield "its runbook_url is not " + RUNBOOK_URL.format(rule.alert)
    if not DASHBOARD_URL.match(notes.get("dashboard_url", "")):
        yield "its dashboard_url is missing or no dashboard of ours"
    used = re.findall(r"\$labels\.(\w+)(?![^}]*urlquery)", notes.get("dashboard_url", ""))
    if used and used != ["system"]:
        yield f"its dashboard_url does not escape {used}"


def wrong_with_aggregation(rule):
    """Labels of the scrape change with every deployment; those that name the thing must stay."""
    for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", rule.expr):
        names = [name.strip() for name in labels.split(",")]
        # Against thresholds and other single series, nothing is matched on.
        if names in ([""], ["system"], ["cluster", "job", "instance"]):
            continue
        if names[:3] != ["cluster", "system", "target"]:
            yield f"it aggregates to ({labels}) without cluster, system and target"
    if "without (" in rule.expr:
        yield "it aggregates with `without`, which keeps labels of the scrape that nobody knows"


def wrong_with_runbook(rule):
    path = ROOT / "docs" / "runbooks" / f"{rule.alert}.md"
    if not path.is_file():
        yield f"there is no {path.relative_to(ROOT)}"
        return
    text = path.read_text()
    if not text.startswith(f"# {rule.alert}\n"):
        yield "its runbook is not headed by its name"
    for section in RUNBOOK_SECTIONS:
        if f"\n{section}\n" not in text:
            yield f"its runbook has no section {section!r}"
    causes = text.partition("## Causes")[2].partition("\n## ")[0]
    if len(re.findall(r"^\d\. ", causes, re.M)) < 3:
        yield "its runbook tells fewer than three causes apart"


def wrong_with_cases(alert, test_files):
    """Not enough cases; a case belongs to an alert when it looks for it."""
    seen, firing = set(), False
    for case in (case for file in test_files for case in file.cases):
        checks = [c for c in case.get("alert_rule_test", []) if c["alertname"] == alert]
        if not checks:
            continue
        kinds = {
            kind
            for kind in KINDS
            if kind in case["name"].split(":")[0:2] or f" {kind}" in case["name"].split(":")[0:2]
        }
        if not kinds:
            yield f"the case {case['name']!r} does not say what kind it is"
        fires = any(c.get("exp_alerts") for c in checks)
        if ("fires" in kinds) != fires:
            yield f"the case {case['name']!r} says that it fires and does not, or the reverse"
        firing = firing or fires
        seen |= kinds
    for kind in KINDS.keys() - seen:
        yield f"alerts/tests/ has no case for it of the kind {KINDS[kind]!r} (`{kind}: ...`)"


def check_alerts(results, rules, test_files):
    for rule in (r for r in rules if r.alert):
        results.add("texts", rule.name, "\n".join(wrong_with_texts(rule)))
        results.add("labels", rule.name, "\n".join(wrong_with_aggregation(rule)))
    for rule in {r.alert: r for r in rules if r.alert}.values():
        results.add("runbook", rule.alert, "\n".join(wrong_with_runbook(rule)))
        results.add("cases", rule.alert, "\n".join(wrong_with_cases(rule.alert, test_files)))
    for rule in (r for r in rules if not r.alert):
        results.add("labels", rule.name, "\n".join(wrong_with_aggregation(rule)))


def table_rows(text):
    """The rows whose first cell links to a runbook: (alert, name in the link, other cells)."""
    row = re.compile(r"^\| \[(Streamgauge\w+)\]\((?:docs/)?runbooks/(\w+)\.md\) \| (.*) \|$", re.M)
    return [(name, link, cells.split(" | ")) for name, link, cells in row.findall(text)]


def check_rows(results, path, true):
    """`true`: alert -> a row for each of its rules. What several rules say has words of its own."""
    rows = table_rows(path.read_text()) if path.is_file() else []
    written = {name: cells for name, _, cells in rows}
    for alert, allowed in true.items():
        wrong = None
        if alert not in written:
            wrong = f"{path.name} has no row for it"
        elif len(allowed) == 1 and written[alert] != allowed[0]:
            wrong = f"{path.name} says {written[alert]}, the rules say {allowed[0]}"
        elif written[alert][:-1] not in [cells[:-1] for cells in allowed]:
            wrong = f"{path.name} says {written[alert]}, the rules say {allowed}"
        results.add("table", f"{path.name}: {alert}", wrong)
    extra = [name for name, link, _ in rows if name not in true or name != link]
    twice = sorted({name for name, _, _ in rows if len([r for r in rows if r[0] == name]) > 1})
    wrong = (extra or twice) and f"no such alert, a wrong link, or twice: {extra + twice}"
    results.add("table", f"{path.name} has no other rows", wrong)


def check_table(results, rules):
    """docs/alerts.md and README.md list every alert as the rules have it."""
    full, short = {}, {}
    for rule in (r for r in rules if r.alert):
        severity, summary = rule.labels["severity"], rule.annotations["summary"]
        times = [rule.body.get(key, "0s") for key in ("for", "keep_firing_for")]
        full.setdefault(rule.alert, []).append([severity, *times, summary])
        short.setdefault(rule.alert, []).append([severity, summary])
    check_rows(results, ROOT / "docs" / "alerts.md", full)
    check_rows(results, ROOT / "README.md", short)


def check_dashboards(results, rules):
    """The dashboards that alerts lead to exist, where this checkout has dashboards."""
    paths = sorted((ROOT / "dashboards").glob("*.json"))
    uids = {json.loads(path.read_text()).get("uid") for path in paths}
    for rule in (r for r in rules if r.alert and paths):
        uid = DASHBOARD_URL.match(rule.annotations["dashboard_url"])[1]
        # A template stands for one dashboard of each backbone.
        wanted = {re.sub(r"\{\{.*\}\}", system, uid) for system in ("redis", "kafka")}
        missing = wanted - uids
        results.add("dashboards", rule.name, missing and f"there is no {', '.join(missing)}")


def check_metrics(results, rules):
    """Every metric that a rule reads is the agent's (docs/metrics.md) or recorded by a rule."""
    known = set(
        re.findall(r"\b(?:streamgauge|process)_\w+", (ROOT / "docs" / "metrics.md").read_text())
    )
    # A histogram is documented by its name and read by the parts of it.
    known |= {name + part for name in list(known) for part in ("_sum", "_count", "_bucket")}
    recorded = {r.body["record"] for r in rules if not r.alert}
    for rule in rules:
        text = f"{rule.expr} {rule.annotations.get('description', '')}"
        read = set(re.findall(r"(?<![\w:./-])[a-z]*:?streamgauge[_:][\w:]*", text))
        missing = sorted(name for name in read if name not in known and name not in recorded)
        results.add("metrics", rule.name, missing and f"nobody has {', '.join(missing)}")
