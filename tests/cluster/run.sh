#!/usr/bin/env bash
# Image and chart on a real Kubernetes, with a real Redis and a real Kafka; the last line counts.
#
# Everything runs in namespaces of its own and ends with it. The first run builds Kubernetes from
# source (tools.sh) and the image; both are kept. Needs root and Go: where this cannot run, it says
# so and is no failure.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/common.sh
source "$here/../../tools/common.sh"

not_here() {
  say "THE CHART WAS NOT TRIED ON A KUBERNETES: $*"
  exit 0
}

((EUID == 0)) || not_here "that takes root"
unshare --net --mount --pid --fork true 2>/dev/null || not_here "no new namespaces can be made here"
"$repo_root/tools/setup.sh" cluster
for set in chart cluster; do
  "$here/tools.sh" "$set" || {
    (($? == 3)) && not_here "that takes Go to build its programs"
    exit 1
  }
done
"$here/image.sh"

# save NAME FILE: an image of podman's as the node takes it, under the name that the chart asks for.
save() {
  podman tag "localhost/$1" "docker.io/library/$1"
  rm -f "$2"
  podman save --quiet --format oci-archive --output "$2" "docker.io/library/$1"
}

# shellcheck source=tests/cluster/podman.sh
source "$here/podman.sh"
version=$(project_version)
work=$(mktemp -d "${TMPDIR:-/tmp}/streamgauge-cluster.XXXXXX")
trap 'rm -rf "$work"' EXIT
# What holds a pod's namespaces: a program that waits and does nothing.
cp "$(command -v catatonit || echo /usr/libexec/podman/catatonit)" "$work/pause"
printf 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause", "-P"]\n' >"$work/Containerfile"
podman build --quiet --tag streamgauge-pause:1 "$work" >/dev/null
save streamgauge-pause:1 "$work/pause.tar"
save "streamgauge:$version" "$work/streamgauge.tar"

# shellcheck source=tests/cluster/checks.sh
source "$here/checks.sh"
# shellcheck source=tests/cluster/image_checks.sh
source "$here/image_checks.sh"
check_image "streamgauge:$version" "$work/streamgauge.tar"

began=$SECONDS status=0
BIN="$("$here/tools.sh" --dir chart):$("$here/tools.sh" --dir cluster)" \
  IMAGES="$work/pause.tar $work/streamgauge.tar" VERSION=$version REPOSITORY=$repo_root \
  KAFKA_LIBS=$cache_root/kafka-4.3.1/libs \
  "$here/node.sh" "$here/scenario.sh" >"$work/output" 2>&1 || status=$?
cat "$work/output"
say "the cluster part took $((SECONDS - began)) s"
# A node that did not come up is one failure.
counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$work/output" || echo "0 passed, 1 failed")
read -r p _ f _ <<<"$counts"
printf '%d passed, %d failed\n' "$((passed + p))" "$((failed + f))"
((status == 0 && failed == 0))
