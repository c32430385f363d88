"""All checks of helm/. See run.sh."""

import os
import pathlib
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "tests" / "alerts"))

import chart_files  # noqa: E402
import chart_tools  # noqa: E402
from results import Results  # noqa: E402


def main(arguments):
    results = Results("helm")
    chart_files.check(results)
    if "--all" in arguments:
        tools = chart_tools.Tools(os.environ["CHART_TOOLS"], os.environ["KUBERNETES_SCHEMAS"])
        with tempfile.TemporaryDirectory(prefix="streamgauge-helm-") as folder:
            chart_tools.check(results, tools, pathlib.Path(folder))
    files = [argument for argument in arguments if not argument.startswith("--")]
    if files:
        results.write_xml(pathlib.Path(files[0]))
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
