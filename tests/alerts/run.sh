#!/usr/bin/env bash
# Checks everything in alerts/, docs/runbooks/ and docs/alerts.md; the last line counts.
#
#   tests/alerts/run.sh [XML]     XML: where to leave the results in GoogleTest's format
#
# Syntax of the rules, conventions, a runbook and enough cases for each alert, the table, names of
# metrics; routes and inhibitions with a real Alertmanager; commands of the runbooks with a real
# Redis; all cases of alerts/tests/, also as seen by several agents; and mutants: each change of a
# comparison, threshold or time must make a case fail. What it needs: tools/setup.sh test.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# A python3 of the user's own may lack what the distribution's has.
for python in python3 /usr/bin/python3; do
  if "$python" -c 'import yaml' 2>/dev/null; then
    PYTHONDONTWRITEBYTECODE=1 exec "$python" "$here/main.py" "$@"
  fi
done
echo "python3 with PyYAML is missing (Debian: python3-yaml); tools/setup.sh test installs it" >&2
exit 1
