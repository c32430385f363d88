"""Changes one thing in one rule at a time; a case of alerts/tests/ must fail each time.

A mutant that lives on is a comparison, a threshold or a time that no test holds. Only the rule
itself and what it builds on are evaluated, by the test files that look for it.
"""

import re
from concurrent.futures import ThreadPoolExecutor

from rulebook import Rule, as_file, needed_by, promtool_test, write_yaml

TOKEN = re.compile(
    r"""
    (?P<string>"[^"]*")
  | (?P<matcher>\{[^}]*\})
  | (?P<duration>(?<=\[)\d+[mhd](?=\])|(?<=offset\ )\d+[mhd])
  | (?P<comparison>[<>]=?|[!=]=)
  | (?P<operator>\b(?:and|or|unless)\b)
  | (?P<aggregation>\b(?:min|max)(?=\ by))
  | (?P<name>[A-Za-z_:][\w:]*)
  | (?P<number>\d+(?:\.\d+)?(?:e\d+)?)
""",
    re.X,
)

SWAPS = {
    ">": [">=", "<"],
    ">=": [">", "<"],
    "<": ["<=", ">"],
    "==": ["!="],
    "!=": ["=="],
    "and": ["unless"],
    "unless": ["and"],
    "or": ["and"],
    "min": ["max"],
    "max": ["min"],
}
# Which one of several agents' figures an alert takes, where they differ, is decided and tested with
# the recording rules.
UNTESTED_IN_ALERTS = {"aggregation"}
# Changes that change nothing: (rule, what stands before the changed word, the word).
EQUIVALENT = {
    # A straight line has the same trend over any window, and a crooked one no right answer.
    ("StreamgaugeStreamGrowing", "predict_linear(stream:streamgauge_stream_length:max[", "6h"),
    (
        "StreamgaugeGroupObjectiveAtRisk",
        "predict_linear(group:streamgauge_group_lag_seconds:max[",
        "15m",
    ),
    # What has a source other than unknown is taken away by `unless`.
    ("StreamgaugeGroupLagUnknown", "(streamgauge_group_lag_source", '{source="unknown"}'),
    # All values are 1.
    ("group:streamgauge_group_state:max", "", "max"),
}
UNCHANGED = "nothing is changed"


def numbers_near(text):
    value = float(text)
    if value < 100 and value == int(value) and "e" not in text:
        return [str(int(value) + 1), str(int(value) - 1)]
    return [repr(value * 1.1), repr(value * 0.9)]


def durations_near(text):
    """Twice and half of it."""
    amount, unit = int(text[:-1]), text[-1]
    smaller, parts = {"m": ("s", 60), "h": ("m", 60), "d": ("h", 24)}[unit]
    return [f"{amount * 2}{unit}", f"{amount * parts // 2}{smaller}"]


def replacements(kind, text, in_alert):
    if in_alert and kind in UNTESTED_IN_ALERTS:
        return []
    if kind == "number":
        return numbers_near(text)
    if kind == "duration":
        return durations_near(text)
    if kind == "matcher":
        return [] if "name=" in text else [""]
    return SWAPS.get(text, [])


def expressions_near(rule):
    """(what was changed, the changed expression), one change each."""
    for token in TOKEN.finditer(rule.expr):
        before, after = rule.expr[: token.start()], rule.expr[token.end() :]
        if any(
            (rule.name, token[0]) == (name, word) and before.endswith(end)
            for name, end, word in EQUIVALENT
        ):
            continue
        for text in replacements(token.lastgroup, token[0], rule.alert is not None):
            yield f"`{token[0]}` at {token.start()} becomes `{text}`", before + text + after


def bodies_near(rule):
    for what, expr in expressions_near(rule):
        yield what, {**rule.body, "expr": expr}
    for key in ("for", "keep_firing_for"):
        for wait in durations_near(rule.body[key]) if key in rule.body else []:
            yield f"{key}: {rule.body[key]} becomes {wait}", {**rule.body, key: wait}


def case_failed(path):
    """Whether a case of the test file failed; one that promtool cannot run at all has not."""
    passed, output = promtool_test(path)
    return not passed and re.search(r"^ +(alertname|expr): ", output, re.M) is not None


def deciding_alerts(rule, rules):
    """The alerts whose tests must notice a change of this rule."""
    if rule.alert:
        return {rule.alert}
    return {r.alert for r in rules if r.alert and r.uses(rule)} if rule.is_threshold else set()


class Mutant:
    def __init__(self, rule, what, body, alerts, folder):
        self.rule, self.what, self.body, self.alerts, self.folder = rule, what, body, alerts, folder

    def is_noticed(self, rules, test_files):
        """Whether any case fails. A file in which none of the rules is loaded cannot."""
        self.folder.mkdir()
        mutated = [Rule(r.path, r.group, self.body) if r is self.rule else r for r in rules]
        for file in test_files:
            if not self.is_held_by(file):
                continue
            loaded = file.rule_files()
            kept = [m for r, m in zip(rules, mutated) if r.path in loaded and self.needs(r, rules)]
            write_yaml(self.folder / "rules.yml", as_file(kept))
            write_yaml(self.folder / "test.yml", {**file.body, "rule_files": ["rules.yml"]})
            if case_failed(self.folder / "test.yml"):
                return True
        return False

    def is_held_by(self, file):
        return (
            bool(self.alerts & file.alerts) if self.alerts else self.rule.name in file.expressions
        )

    def needs(self, rule, rules):
        if not self.alerts or "StreamgaugeRulesIncomplete" in self.alerts:
            return True
        return any(rule in needed_by(user, rules) for user in rules if user.alert in self.alerts)


def mutants_of(rules, folder):
    """Rule -> its mutants, the first of which is the rule as it is."""
    mutants = {}
    for rule in rules:
        changed = list(bodies_near(rule))
        if not changed or rule.name == "streamgauge:evaluation":  # is counted, its value is nothing
            continue
        alerts = deciding_alerts(rule, rules)
        mutants[rule] = [
            Mutant(rule, what, body, alerts, folder / f"{len(mutants)}-{number}")
            for number, (what, body) in enumerate([(UNCHANGED, rule.body), *changed])
        ]
    return mutants


def check_mutants(results, rules, test_files, folder, jobs):
    mutants = mutants_of(rules, folder)
    made = killed = 0
    with ThreadPoolExecutor(jobs) as pool:
        noticed = {
            rule: pool.map(lambda m: m.is_noticed(rules, test_files), group)
            for rule, group in mutants.items()
        }
        for rule, outcomes in noticed.items():
            (_, unchanged_fails), *pairs = zip(mutants[rule], outcomes)
            alive = [f"no case fails when {mutant.what}" for mutant, seen in pairs if not seen]
            made += len(pairs)
            killed += 0 if unchanged_fails else len(pairs) - len(alive)
            results.add(
                "mutants",
                rule.name,
                "\n".join(["cases fail although nothing is changed"] if unchanged_fails else alive),
            )
    print(f"mutants: {killed} of {made} killed")
