#!/usr/bin/env bash
# Builds the image as `make image` does, also where no registry can be reached: the base image is
# then made from the distribution's mirror, under the name that the Dockerfile asks for.
# Needs root. Prints progress; the image is streamgauge:VERSION of podman.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../tools/common.sh"

base=docker.io/library/debian:trixie-slim
# shellcheck source=tests/cluster/podman.sh
source "$repo_root/tests/cluster/podman.sh"

make_base_image() {
  local site
  root=$(mktemp -d "$cache_root/tmp/trixie.XXXXXX")
  trap 'rm -rf "$root"' EXIT
  site=$(debian_site)
  debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$site"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  # How the host reaches its mirror, and how old that may be.
  apt-config dump | grep '^Acquire::' >"$root/etc/apt/apt.conf.d/50host" || true
  tar -C "$root" -c . | podman import - "$base"
}

ensure_base_image() {
  podman image exists "$base" && return 0
  mkdir -p "$cache_root/tmp"
  timeout 20 podman pull --quiet "$base" >/dev/null 2>&1 && return 0
  run_step "making $base from the Debian mirror (no registry here)" "$cache_root/logs/base-image.log" \
    "Is the mirror reachable?" make_base_image
}

with_lock base-image ensure_base_image
run_step "building the image (minutes the first time)" "$cache_root/logs/image.log" \
  "Everything that was said is in $cache_root/logs/image.log" \
  "$repo_root/tools/image.sh" --network=host
# Layers of earlier builds would pile up, a gigabyte each.
podman image prune --force --filter until=2h >/dev/null
tail -n 1 "$cache_root/logs/image.log"
