"""What every dashboard must have, beyond the schema: each check tells what is wrong, or nothing."""

import itertools
import re
import sys

from boards import BUILT_IN, EXAMPLES, LINK, ROOT, substituted, variables_in

sys.path.insert(0, str(ROOT / "tests" / "alerts"))
from rulebook import load_rules, run, write_yaml  # pylint: disable=wrong-import-position

TYPES = {"stat", "bargauge", "timeseries", "state-timeline", "table"}
# Series of Prometheus' own.
PROMETHEUS = {"ALERTS", "ALERTS_FOR_STATE", "up"} | {
    "scrape_duration_seconds",
    "scrape_samples_scraped",
}
# Labels of which there may be hundreds.
MANY = {"stream", "group", "partition", "consumer"}
GRID = 24


def identity(board):
    if not re.fullmatch(r"streamgauge-[a-z]+", board.uid or ""):
        yield f"its uid is {board.uid!r}"
    ids = [body.get("id") for body in board.bodies]
    for number in {n for n in ids if n is None or ids.count(n) > 1}:
        yield f"the panel id {number} is missing or there twice"
    for kind in {panel.type for panel in board.panels} - TYPES:
        yield f"{kind!r} is no type of panel that is known here"


def layout(board):
    areas = [(body.get("title"), body["gridPos"]) for body in board.bodies]
    for title, at in areas:
        if at["x"] + at["w"] > GRID or min(at["w"], at["h"]) < 1:
            yield f"{title!r} lies outside of the grid"
    for (one, a), (two, b) in itertools.combinations(areas, 2):
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        below = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        if not beside and not below:
            yield f"{one!r} and {two!r} overlap"


def data_source(board):
    if board.variables.get("datasource", {}).get("type") != "datasource":
        yield "it has no variable `datasource`"
    users = [(p.name, p.body) for p in board.panels] + [(q.name, q.body) for q in board.queries]
    users += [(f"variable {n}", v) for n, v in board.variables.items() if v["type"] == "query"]
    users += [("annotation", annotation) for annotation in board.annotations]
    for name, body in users:
        if body.get("datasource", {}).get("uid") != "${datasource}":
            yield f"{name} does not use the variable `datasource`"


def texts(board):
    for panel in board.panels:
        for what, given in {
            "title": panel.title,
            "description": panel.body.get("description"),
            "unit": panel.defaults.get("unit"),
            "text for no data": panel.defaults.get("noValue"),
            "thresholds": panel.defaults.get("thresholds", {}).get("steps"),
            "queries": panel.queries,
        }.items():
            if not given:
                yield f"{panel.title!r} has no {what}"
        if (panel.body.get("description") or "x")[-1] not in ".%":
            yield f"the description of {panel.title!r} is no sentence"


def colours(board):
    """Colour never alone: what a mapping colours has a text, its own or the value itself."""
    for panel in board.panels:
        for mapping in panel.mappings:
            options = mapping["options"]
            results = options if mapping["type"] == "value" else {"": options["result"]}
            for value, result in results.items():
                if not result.get("text") and not re.search("[a-z]", value):
                    yield f"{panel.title!r} shows {value!r} by colour alone"


def honesty(board):
    """No figure where nothing is known."""
    for name, expr in board.expressions:
        if re.search(r"or\s+vector\s*\(", expr):
            yield f"{name} claims a figure where there is none"
    for panel in board.panels:
        if re.fullmatch(r"[\d.]+", panel.defaults.get("noValue", "")):
            yield f"{panel.title!r} shows a number where there is none"
        for name, unit in panel.labels.items():
            if unit != "string":
                yield f"{panel.title!r} would show a {name} like 12345 as a number with a unit"
        for properties in panel.overrides.values():
            if re.fullmatch(r"[\d.]*", properties.get("noValue", "text")):
                yield f"a column of {panel.title!r} shows no text where nothing is known"


def size(board):
    """Readable and light with hundreds of groups: what has a series for each is limited."""
    for query in board.queries:
        shown = set(re.findall(r"\{\{(\w+)\}\}", query.body.get("legendFormat", "")))
        if query.panel.type == "table":
            grouped = re.match(r"(?:max|min|sum|count) by \(([^)]*)\)", query.expr)
            if not grouped:
                # Rows of several metrics become one only without the metrics' names.
                yield f"{query.name} is not aggregated by the table's labels"
                continue
            shown = set(grouped[1].split(", "))
        if shown & MANY and not re.search(r"\b(?:top|bottom)k\(", query.expr):
            yield f"{query.name} has a series for each {', '.join(sorted(shown & MANY))}"


def variables(board):
    used = set()
    for name, expr in board.expressions:
        used |= variables_in(expr)
        for missing in variables_in(expr) - set(board.variables) - set(BUILT_IN):
            yield f"{name} uses ${missing}, which is no variable of this dashboard"
    for variable in board.variables.values():
        query = variable.get("query")
        used |= variables_in(query["query"] if isinstance(query, dict) else "")
    for unused in set(board.variables) - used - {"datasource"}:
        yield f"nothing uses the variable {unused}"


def wrong_with_link(url, boards, panel=None):
    match = LINK.fullmatch(url)
    if not match:
        return f"{url} leads to no dashboard"
    # A template stands for a dashboard of each backbone.
    uids = [re.sub(r"\$?\{+[^}]*\}+", system, match["uid"]) for system in ("redis", "kafka")]
    for uid in set(uids):
        board = next((b for b in boards if b.uid == uid), None)
        if board is None:
            return f"{url} leads to {uid}, which is no dashboard"
        for name in re.findall(r"var-(\w+)=", match["query"]):
            if name not in board.variables:
                return f"{url}: {uid} has no variable {name}"
    if panel:
        for column in re.findall(r'__data\.fields\["([^"]*)"\]', url):
            if column not in panel.columns:
                return f"{url}: the table has no column {column}"
    return None


def links(board, boards):
    for url in [link["url"] for link in board.body.get("links", [])]:
        yield wrong_with_link(url, boards)
    for panel in board.panels:
        for url in panel.links:
            yield wrong_with_link(url, boards, panel)


def read_by(expr):
    """Names of the metrics in an expression."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expr)
    bare = re.sub(r"\b(?:by|on|ignoring|without|group_left|group_right)\s*\([^)]*\)", "", bare)
    bare = re.sub(r"\{[^}]*\}", "", re.sub(r"\[[^]]*\]", "", bare))
    words = re.findall(r"(?<![\w:$])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])", bare)
    return {w for w in words if w not in {"and", "or", "unless", "bool", "Inf", "by", "offset"}}


def known_metrics(rules):
    documented = set(
        re.findall(r"`((?:streamgauge|process)_\w+)`", (ROOT / "docs" / "metrics.md").read_text())
    )
    histograms = {name + part for name in documented for part in ("_sum", "_count", "_bucket")}
    recorded = {rule.body["record"] for rule in rules if not rule.alert}
    return documented | histograms | recorded | PROMETHEUS


def metrics(board, known):
    expressions = board.expressions
    for name, variable in board.variables.items():
        if variable["type"] == "query":
            query = re.sub(r"label_values\((.*), \w+\)", r"\1", variable["query"]["query"])
            expressions.append((f"variable {name}", query))
    for name, expr in expressions:
        for metric in sorted(read_by(expr) - known):
            yield f"{name} reads {metric}, which nobody has"


def all_checks(board, boards, known):
    """(check, what is wrong)"""
    return [
        ("identity", identity(board)),
        ("layout", layout(board)),
        ("data source", data_source(board)),
        ("texts", texts(board)),
        ("colours", colours(board)),
        ("honesty", honesty(board)),
        ("size", size(board)),
        ("variables", variables(board)),
        ("links", links(board, boards)),
        ("metrics", metrics(board, known)),
    ]


def check_boards(results, boards):
    known = known_metrics(load_rules())
    for board in boards:
        for check, wrong in all_checks(board, boards, known):
            results.add(check, board.name, "\n".join(filter(None, wrong)))
    uids = [board.uid for board in boards]
    results.add("identity", "uids are unique", None if len(set(uids)) == len(uids) else str(uids))


def check_expressions(results, boards, folder):
    """promtool reads every expression, as the rule of its number."""
    named = [pair for board in boards for pair in board.expressions]
    rules = [
        {"record": f"expression:number:{i}", "expr": substituted(expr, EXAMPLES)}
        for i, (_, expr) in enumerate(named)
    ]
    write_yaml(folder / "expressions.yml", {"groups": [{"name": "all", "rules": rules}]})
    passed, output = run("promtool", "check", "rules", str(folder / "expressions.yml"))
    # promtool counts from 1.
    broken = {
        int(number) - 1: line
        for line in output.splitlines()
        for number in re.findall(r"rule (\d+), ", line)
    }
    for i, (name, expr) in enumerate(named):
        results.add("expressions", name, i in broken and f"{expr}\n{broken[i]}")
    results.add("expressions", "promtool reads all of them", None if passed else output)


def check_alerts(results, boards):
    """The dashboards that alerts lead to exist and have the variables that the links set."""
    for rule in (rule for rule in load_rules() if rule.alert):
        url = re.sub(r"\{\{[^}]*\}\}", "{}", rule.annotations["dashboard_url"]).replace(" ", "")
        path = url.replace("https://grafana.example.com", "")
        wrong = wrong_with_link(path if "?" in path else path + "?", boards)
        results.add("alerts", rule.name, wrong)


def check_documents(results, boards):
    """docs/dashboards.md has a row for each; runbooks name dashboards by their titles."""
    text = (ROOT / "docs" / "dashboards.md").read_text()
    titles = {board.title.removeprefix("Streamgauge / ") for board in boards}
    for board in boards:
        title = board.title.removeprefix("Streamgauge / ")
        file = f"{board.name}.json"
        row = f"| *{title}* | [{file}](../dashboards/{file}) | `{board.uid}` |"
        wrong = None if row in text else f"docs/dashboards.md lacks {row}"
        results.add("documents", board.name, wrong)
    others = {"Targets", "Rules"}  # pages of Prometheus
    for path in sorted((ROOT / "docs" / "runbooks").glob("*.md")):
        emphasised = re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", path.read_text())
        named = {" ".join(name.split()) for name in emphasised}
        unknown = sorted(named - titles - others)
        results.add("documents", path.name, unknown and f"no dashboard is called {unknown}")
