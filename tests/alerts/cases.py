"""Runs alerts/tests/ as they are, and once more as seen by two agents in each of two clusters."""

import re
from concurrent.futures import ThreadPoolExecutor

from rulebook import as_file, needed_by, promtool_test, write_yaml

# What is about single agents is told apart by the labels that the variant multiplies.
OF_SINGLE_AGENTS = {
    "StreamgaugeAgentDown",
    "StreamgaugeConfigReloadFailed",
    "StreamgaugeRulesIncomplete",
}
CLUSTERS = ("east", "west")
AGENTS = ('job="streamgauge",instance="a:9760"', 'job="metrics",instance="b:9760",pod="b-0"')


def failed_cases(file, passed, output):
    """Name -> what promtool says, of the cases that failed."""
    if passed:
        return {}
    parts = re.split(r"^    name: (.*),$", output, flags=re.M)
    failures = dict(zip(parts[1::2], parts[2::2]))
    # Something else is wrong (a file that cannot be read): no case counts as passed.
    return failures or {case["name"]: output for case in file.cases}


def copies_of(series):
    """The series as two agents in each of two clusters give it. What a test records itself has no
    agent, and what names its agent is left so."""
    agents = AGENTS if series.startswith("streamgauge_") and "instance=" not in series else ("",)
    for cluster in CLUSTERS:
        for agent in agents:
            labels = ",".join(filter(None, [f'cluster="{cluster}"', agent]))
            yield series.replace("{", "{" + labels + ",", 1)


def in_clusters(check):
    alerts = [
        {**alert, "exp_labels": {**alert["exp_labels"], "cluster": cluster}}
        for alert in check.get("exp_alerts", [])
        for cluster in CLUSTERS
    ]
    return {**check, "exp_alerts": alerts}


def multiplied(case):
    series = [
        {**s, "series": copy}
        for s in case.get("input_series", [])
        for copy in copies_of(s["series"])
    ]
    return {
        **case,
        "input_series": series,
        "alert_rule_test": [in_clusters(check) for check in case["alert_rule_test"]],
    }


def write_multiplied(file, rules, folder):
    needed = []
    for rule in rules:
        if rule.alert in file.alerts:
            needed += [r for r in needed_by(rule, rules) if r not in needed]
    folder.mkdir()
    write_yaml(folder / "rules.yml", as_file([r for r in rules if r in needed]))
    path = folder / file.path.name
    write_yaml(
        path,
        {
            **file.body,
            "rule_files": ["rules.yml"],
            "tests": [multiplied(case) for case in file.cases],
        },
    )
    return path


def check_cases(results, rules, test_files, folder, jobs):
    with ThreadPoolExecutor(jobs) as pool:
        plain = pool.map(lambda file: promtool_test(file.path), test_files)
        several = [
            file for file in test_files if file.alerts and not file.alerts & OF_SINGLE_AGENTS
        ]
        paths = [write_multiplied(file, rules, folder / f"several-{file.name}") for file in several]
        multiple = pool.map(promtool_test, paths)
        for suite, files, outcomes in (
            ("rules", test_files, plain),
            ("several", several, multiple),
        ):
            for file, (passed, output) in zip(files, outcomes):
                failures = failed_cases(file, passed, output)
                for case in file.cases:
                    results.add(suite, f"{file.name}: {case['name']}", failures.get(case["name"]))
