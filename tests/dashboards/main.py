"""All checks of dashboards/ that need no Grafana and no Prometheus. See run.sh."""

import pathlib
import subprocess
import sys
import tempfile

import lint
import lint_itself
from boards import FOLDER, load_boards
from results import Results  # tests/alerts, on the path by lint


def check_source(results):
    """The committed files against their source and Grafana's schema: dashboards/source/check.go."""
    done = subprocess.run(
        ["go", "run", ".", "-check", str(FOLDER)],
        cwd=FOLDER / "source",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=900,
        check=False,
    )
    told = 0
    for line in done.stdout.splitlines():
        if line.startswith("ok "):
            results.add("source", line[3:])
            told += 1
        elif line.startswith("FAILED "):
            what, _, why = line[7:].partition(": ")
            results.add("source", what, why or "failed")
            told += 1
    results.add("source", "it builds and runs", None if told else done.stdout)


def main(arguments):
    results = Results("dashboards")
    boards = load_boards()
    check_source(results)
    lint.check_boards(results, boards)
    lint.check_alerts(results, boards)
    lint.check_documents(results, boards)
    lint_itself.check(results)
    with tempfile.TemporaryDirectory(prefix="streamgauge-dashboards-") as folder:
        lint.check_expressions(results, boards, pathlib.Path(folder))
    if arguments:
        results.write_xml(pathlib.Path(arguments[0]))
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
