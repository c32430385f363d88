#!/usr/bin/env bash
# Checks dashboards/ without a Grafana; the last line counts.
#
#   tests/dashboards/run.sh [XML]      XML: where to leave the results in GoogleTest's format
#   tests/dashboards/run.sh --update   writes dashboards/*.json anew from dashboards/source/
#
# The files are what their source says and have no field that Grafana does not know; identity, layout,
# texts, units, thresholds, data source, variables, links, metrics and expressions (promtool); links of
# alerts and names in runbooks. With data: live_check.py. What it needs: tools/setup.sh test.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/common.sh
source "$here/../../tools/common.sh"

# Go's modules and what it builds are shared by checkouts. Its own copy is used where the system has
# none, or one that is too old.
export GOMODCACHE=$cache_root/go/modules GOCACHE=$cache_root/go/build GOFLAGS=-modcacherw
export GOTOOLCHAIN=local
if [[ -x $cache_root/go/root/bin/go ]]; then PATH=$cache_root/go/root/bin:$PATH; fi
command -v go >/dev/null || fail "Go 1.21 or later is missing: tools/setup.sh test"

if [[ ${1:-} == --update ]]; then
  cd "$here/../../dashboards/source"
  exec go run . ..
fi

for python in python3 /usr/bin/python3; do
  if "$python" -c 'import yaml' 2>/dev/null; then
    PYTHONDONTWRITEBYTECODE=1 exec "$python" "$here/main.py" "$@"
  fi
done
fail "python3 with PyYAML is missing (Debian: python3-yaml); tools/setup.sh test installs it"
