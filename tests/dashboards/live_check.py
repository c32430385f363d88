#!/usr/bin/env python3
"""Runs every expression of the dashboards on a real Prometheus; the last line counts.

    tests/dashboards/live_check.py URL [XML]

URL is a Prometheus that has scraped the agent for some minutes and loads alerts/*.rules.yml. A
query without data is a failure unless may_be_empty.yml has a reason for it; so is one that fails, a table
whose rows do not come together, and a dashboard whose queries take more than a second in all (what
is in collapsed rows is not loaded with it).
Dashboards of a single group are tried with every group, and a query needs data for one of them.
"""

import json
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

from boards import BUILT_IN, ROOT, load_boards, substituted

sys.path.insert(0, str(ROOT / "tests" / "alerts"))
from results import Results  # pylint: disable=wrong-import-position

MAY_BE_EMPTY = pathlib.Path(__file__).with_name("may_be_empty.yml")
RANGE_SECONDS, STEP_SECONDS = 900, 15
GROUPS_TRIED = 20


class Prometheus:
    def __init__(self, url):
        self.url, self.now = url.rstrip("/"), time.time()

    def get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error).get("error", str(error))) from error

    def series(self, expr, instant):
        """Label sets of what the expression gives, over the shown time or now."""
        if instant:
            answer = self.get("query", query=expr, time=self.now)
        else:
            start = self.now - RANGE_SECONDS
            answer = self.get(
                "query_range", query=expr, start=start, end=self.now, step=STEP_SECONDS
            )
        return [one["metric"] for one in answer["result"]]


def choices(board, prometheus):
    """The values of the variables to try: all at once, or one group after the other."""
    several = {n: ".*" for n, v in board.variables.items() if v.get("multi")}
    several["rows"] = "50"
    if "group" not in board.variables or "group" in several:
        return [several]
    groups = prometheus.series("group:streamgauge_group_state:max", instant=True)[:GROUPS_TRIED]
    labels = ("system", "target", "stream", "group")
    return [{**several, **{label: group[label] for label in labels}} for group in groups]


class Outcome:
    """What one query gave in all choices."""

    def __init__(self):
        self.labels, self.errors, self.seconds = [], [], 0.0


def run_query(prometheus, expr, instant, chosen):
    outcome = Outcome()
    for values in chosen:
        began = time.monotonic()
        try:
            outcome.labels += prometheus.series(substituted(expr, {**BUILT_IN, **values}), instant)
        except ValueError as error:
            outcome.errors.append(str(error))
        outcome.seconds = max(outcome.seconds, time.monotonic() - began)
    return outcome


def check_query(results, name, outcome, reasons):
    wrong = outcome.errors[0] if outcome.errors else None
    if not wrong and not outcome.labels and name not in reasons:
        wrong = "it has no data"
    results.add("live", name, wrong)


def keys_of(outcomes):
    """The labels that all figures of a table have: its rows are known by them."""
    sets = [frozenset(labels) for outcome in outcomes for labels in outcome.labels]
    return frozenset.intersection(*sets) if sets else frozenset()


def row_names(outcome, keys):
    return {tuple(sorted((key, labels[key]) for key in keys)) for labels in outcome.labels}


def check_table(results, panel, outcomes):
    """Figures find their row by the labels that all have; the metric's name is none of them. A
    table of one query has a row for whatever it gives."""
    keys = keys_of(outcomes)
    if len(panel.queries) == 1:
        outcomes = []
    wrong = "a metric's name keeps its rows apart" if "__name__" in keys else None
    for query, outcome in zip(panel.queries, outcomes):
        if len(row_names(outcome, keys)) != len({tuple(sorted(l.items())) for l in outcome.labels}):
            wrong = f"{query.name} has more rows than the table: its labels are not {sorted(keys)}"
    results.add("tables", panel.name, wrong)


def check_board(results, board, prometheus, reasons):
    chosen = choices(board, prometheus)
    total, number = 0.0, 0
    for panel in board.panels:
        outcomes = [run_query(prometheus, q.expr, q.instant, chosen) for q in panel.queries]
        for query, outcome in zip(panel.queries, outcomes):
            check_query(results, query.name, outcome, reasons)
            number += 1
            total += 0 if panel.collapsed else outcome.seconds
        if panel.type == "table":
            check_table(results, panel, outcomes)
    slow = f"its queries take {total:.1f} s" if total > 1 else None
    results.add("load", board.name, slow)
    print(f"{board.name}: {number} queries in {total:.2f} s, {len(chosen)} choices of variables")


def check_variables(results, board, prometheus):
    for name, variable in board.variables.items():
        if variable["type"] != "query":
            continue
        series, _, label = (
            variable["query"]["query"].removeprefix("label_values(")[:-1].rpartition(", ")
        )
        series = substituted(series, choices(board, prometheus)[0])
        values = prometheus.get(f"label/{label}/values", **{"match[]": series})
        results.add("variables", f"{board.name}, {name}", None if values else "it has no values")


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    results, prometheus, boards = Results("dashboards"), Prometheus(arguments[0]), load_boards()
    reasons = yaml.safe_load(MAY_BE_EMPTY.read_text())
    for board in boards:
        check_board(results, board, prometheus, reasons)
        check_variables(results, board, prometheus)
    stale = set(reasons) - {query.name for board in boards for query in board.queries}
    results.add("live", "may_be_empty.yml names queries that exist", ", ".join(sorted(stale)))
    if len(arguments) == 2:
        results.write_xml(pathlib.Path(arguments[1]))
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
