# shellcheck shell=bash
# How podman runs here: in a folder of its own, so that nothing of the host's own containers is seen
# or changed. REQUIRES: tools/common.sh.

# shellcheck disable=SC2154 # common.sh has cache_root and repo_root
export CONTAINERS_CONF="$repo_root/tests/cluster/containers.conf"
export CONTAINERS_STORAGE_CONF="$cache_root/containers/storage.conf"

mkdir -p "$cache_root/containers"
cat >"$CONTAINERS_STORAGE_CONF" <<CONF
[storage]
driver = "overlay"
graphroot = "$cache_root/containers/storage"
runroot = "/run/streamgauge-containers"
CONF
