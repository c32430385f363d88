#!/usr/bin/env bash
# Runs the demo (tools/demo/main.cc) that `make demo` has built; DEMO=redis, DEMO_MONITORING=no,
# DEMO_SECONDS=60. It stops what it starts by itself. This script adds what a program that crashes
# cannot do: whatever happens, its temporary files go.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

demo=$repo_root/build/demo
[[ -x $demo ]] || fail "there is no build/demo: run make demo"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/streamgauge-demo.XXXXXX")
# The kernel ends the servers of a demo that was killed, but a moment later: they may still write.
trap 'for _ in 1 2 3 4 5; do rm -rf "$scratch" 2>/dev/null && break || sleep 0.2; done' EXIT

TMPDIR=$scratch "$demo" </dev/null &
child=$!
interrupted=
trap 'interrupted=yes; kill -TERM "$child" 2>/dev/null || true' INT TERM HUP

# A signal interrupts `wait`: then the demo, which was told to stop, is waited for again.
while :; do
  status=0
  wait "$child" || status=$?
  [[ $interrupted ]] || break
  interrupted=
done
exit "$status"
