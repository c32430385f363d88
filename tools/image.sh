#!/usr/bin/env bash
# Builds the container image streamgauge:VERSION from this checkout, with podman or docker
# (CONTAINER_ENGINE names another). Arguments are passed to its `build`.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

engine=${CONTAINER_ENGINE:-$(command -v podman || command -v docker || true)}
[[ -n $engine ]] || fail "no podman and no docker here: tools/setup.sh image installs podman"
version=$(project_version)
revision=$(git -C "$repo_root" describe --always --dirty --exclude='*' --abbrev=12 2>/dev/null || echo unknown)

"$engine" build --tag "streamgauge:$version" --build-arg "VERSION=$version" \
  --build-arg "REVISION=$revision" "$@" "$repo_root"
bytes=$("$engine" save "streamgauge:$version" | gzip -1 | wc -c)
say "streamgauge:$version is built: $((bytes / 1000000)) MB compressed"
