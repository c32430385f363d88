"""All checks of alerts/. See run.sh."""

import os
import pathlib
import sys
import tempfile
import time

import alertmanager
import cases
import conventions
import mutants
import runbook_commands
from results import Results
from rulebook import load_rules, load_test_files


def main(arguments):
    results = Results()
    rules, test_files = load_rules(), load_test_files()
    jobs = max(2, os.cpu_count() or 2)
    # Much computing and no deadlines: tests of real servers beside it go first.
    os.nice(10)

    def stage(name, check):
        began = time.monotonic()
        check()
        print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)

    with tempfile.TemporaryDirectory(prefix="streamgauge-alerts-") as folder:
        folder = pathlib.Path(folder)
        stage("syntax", lambda: conventions.check_syntax(results))
        stage("conventions", lambda: conventions.check_alerts(results, rules, test_files))
        stage("table", lambda: conventions.check_table(results, rules))
        stage("metrics", lambda: conventions.check_metrics(results, rules))
        stage("dashboards", lambda: conventions.check_dashboards(results, rules))
        stage("alertmanager", lambda: alertmanager.check(results, folder))
        stage("commands", lambda: runbook_commands.check(results, folder))
        stage("cases", lambda: cases.check_cases(results, rules, test_files, folder, jobs))
        stage("mutation", lambda: mutants.check_mutants(results, rules, test_files, folder, jobs))
    if arguments:
        results.write_xml(pathlib.Path(arguments[0]))
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
