"""Breaks a good dashboard in every way that lint.py looks for; each time it must tell."""

import copy

import lint
from boards import Board, load_boards


def first(body, kind):
    return next(panel for panel in body["panels"] if panel["type"] == kind)


def overlap(body):
    body["panels"][1]["gridPos"] = dict(body["panels"][0]["gridPos"])


def colour_alone(body):
    mapping = {"type": "value", "options": {"1": {"color": "red"}}}
    first(body, "stat")["fieldConfig"]["defaults"]["mappings"] = [mapping]


def expression(text):
    def change(body):
        first(body, "timeseries")["targets"][0]["expr"] = text

    return change


def series_for_each_group(body):
    target = first(body, "timeseries")["targets"][0]
    target.update(expr="streamgauge_group_lag", legendFormat="{{group}}")


def table_without_aggregation(body):
    first(body, "table")["targets"][0]["expr"] = "topk(5, streamgauge_group_lag)"


def label_with_a_unit(body):
    for override in first(body, "table")["fieldConfig"]["overrides"]:
        if override["matcher"]["options"] == "Group":
            override["properties"] = []


def link(url):
    return lambda body: body["links"][0].update(url=url)


def link_to_a_column(body):
    first(body, "table")["fieldConfig"]["overrides"].append(
        {
            "matcher": {"id": "byName", "options": "x"},
            "properties": [
                {
                    "id": "links",
                    "value": [
                        {"url": '/d/streamgauge-group?var-group=${__data.fields["No such"]}'}
                    ],
                }
            ],
        }
    )


def without(*keys):
    def change(body):
        where = first(body, "stat")
        for key in keys[:-1]:
            where = where[key]
        del where[keys[-1]]

    return change


BREAKS = [
    (
        "identity",
        "an id that is there twice",
        lambda b: b["panels"][0].update(id=b["panels"][1]["id"]),
    ),
    ("identity", "an unknown type", lambda b: b["panels"][0].update(type="graph")),
    ("identity", "another uid", lambda b: b.update(uid="abc")),
    ("layout", "panels that overlap", overlap),
    ("layout", "a panel outside of the grid", lambda b: b["panels"][0]["gridPos"].update(x=20)),
    (
        "data source",
        "a fixed data source",
        lambda b: b["panels"][0]["datasource"].update(uid="prom"),
    ),
    ("texts", "no description", without("description")),
    ("texts", "no unit", without("fieldConfig", "defaults", "unit")),
    ("texts", "no thresholds", without("fieldConfig", "defaults", "thresholds")),
    ("texts", "no text for no data", without("fieldConfig", "defaults", "noValue")),
    ("colours", "colour alone", colour_alone),
    ("honesty", "a made-up 0", expression("sum(streamgauge_group_lag) or vector(0)")),
    (
        "honesty",
        "a 0 for no data",
        lambda b: first(b, "stat")["fieldConfig"]["defaults"].update(noValue="0"),
    ),
    ("honesty", "a name shown as a number", label_with_a_unit),
    ("size", "a series for each group", series_for_each_group),
    ("size", "a table that keeps the metric's name", table_without_aggregation),
    ("variables", "an unknown variable", expression('up{job="$job"}')),
    (
        "variables",
        "an unused variable",
        lambda b: b["templating"]["list"].append(
            {"name": "unused", "type": "custom", "query": "1"}
        ),
    ),
    ("links", "an unknown dashboard", link("/d/streamgauge-nothing?")),
    ("links", "an unknown variable of a dashboard", link("/d/streamgauge-redis?var-job=x")),
    ("links", "an unknown column", link_to_a_column),
    ("metrics", "an unknown metric", expression("sum(streamgauge_group_lags)")),
]


def check(results):
    boards = load_boards()
    good = next(board for board in boards if board.name == "overview")
    known = lint.known_metrics(lint.load_rules())
    for check_name, what, change in BREAKS:
        body = copy.deepcopy(good.body)
        change(body)
        told = dict(lint.all_checks(Board(good.name, body), boards, known))[check_name]
        wrong = None if any(told) else "lint.py says nothing"
        results.add("lint itself", f"{check_name}: {what}", wrong)
