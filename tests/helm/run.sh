#!/usr/bin/env bash
# Checks the Helm chart without a cluster; the last line counts.
#
#   tests/helm/run.sh [XML]   what needs no helm: a part of `make test`
#   tests/helm/run.sh --all   all of it; builds helm and its like first, once (make test-helm)
#
# XML: where to leave the results in GoogleTest's format. What it needs: tools/setup.sh chart.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/common.sh
source "$here/../../tools/common.sh"

if [[ ${1:-} == --all ]]; then
  # Without Go nothing of this can run: that is said, and in CI it is a failure.
  "$here/../cluster/tools.sh" chart || {
    say "THE CHART WAS NOT TESTED: helm, helm-unittest, kubeconform and kube-score are not here"
    [[ ${CI:-} == true ]] && exit 1
    exit 0
  }
  CHART_TOOLS=$("$here/../cluster/tools.sh" --dir chart)
  KUBERNETES_SCHEMAS=$("$here/schemas.sh")
  export CHART_TOOLS KUBERNETES_SCHEMAS
fi
# A python3 of the user's own may lack what the distribution's has.
for python in python3 /usr/bin/python3; do
  if "$python" -c 'import yaml' 2>/dev/null; then
    PYTHONDONTWRITEBYTECODE=1 exec "$python" "$here/main.py" "$@"
  fi
done
fail "python3 with PyYAML is missing (Debian: python3-yaml); tools/setup.sh chart installs it"
