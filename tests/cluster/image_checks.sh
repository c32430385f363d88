# shellcheck shell=bash
# What the image promises, held by podman without a cluster. REQUIRES: checks.sh, podman.sh.

# hardened IMAGE ARGUMENT...: as nobody in particular, without rights, on a read-only root.
hardened() {
  local image=$1
  shift
  podman run --rm --network=none --read-only --read-only-tmpfs=false --cap-drop=all \
    --security-opt=no-new-privileges --user 54321:54321 "$image" "$@"
}

is_small() {
  local bytes
  bytes=$(gzip -1 <"$1" | wc -c)
  echo "$((bytes / 1000000)) MB"
  ((bytes < 60000000))
}

runs_as() { [[ $(podman image inspect --format '{{.Config.User}}' "$1") == 10001:10001 ]]; }
has_labels() { podman image inspect --format '{{json .Labels}}' "$1" | grep -q '"org.opencontainers.image.version":"[0-9]'; }

# A target that nobody answers for: the agent runs, and is stopped.
stops_within_5_seconds() {
  local folder=$1/configuration name=streamgauge-image-check-$$ began
  mkdir -p "$folder"
  echo 'targets: [{name: none, type: redis, address: "redis://127.0.0.1:1"}]' >"$folder/streamgauge.yml"
  chmod -R a+rX "$1"
  podman run --detach --rm --name "$name" --network=none --read-only --cap-drop=all --user 54321:54321 \
    --volume "$folder:/etc/streamgauge/config:ro" "$2" >/dev/null
  began=$(date +%s%N)
  podman stop --time 10 "$name" >/dev/null
  local milliseconds=$((($(date +%s%N) - began) / 1000000))
  echo "$milliseconds ms"
  ((milliseconds < 5000))
}

check_image() {
  local image=$1 archive=$2
  check "the image is below 60 MB compressed" is_small "$archive"
  check "its user is 10001" runs_as "$image"
  check "its labels tell its version" has_labels "$image"
  check "any user runs it, without rights, on a read-only root" hardened "$image" --version
  check "it has no shell" refused 'no such file|not found' podman run --rm --network=none --entrypoint /bin/sh "$image" -c true
  check "SIGTERM stops it within 5 s" stops_within_5_seconds "$(dirname "$archive")" "$image"
}
