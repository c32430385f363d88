#!/usr/bin/env bash
# Configures and compiles in a build folder. Libraries that the system lacks are built first, once.
#
#   tools/build.sh FOLDER [TARGET...]     SANITIZE=address|thread for a sanitizer build
#
# With CI=true a warning is a failure. It is found in what the compiler said, not by -Werror: with
# another option the compiler cache would have to start over.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

(($#)) || fail "usage: tools/build.sh FOLDER [TARGET...]"
folder=$repo_root/$1
shift

"$repo_root/tools/deps.sh"

# A full build in a fresh folder, not a sanitizer's: g++'s flow warnings see ghosts in instrumented
# code.
warnings_fail() { [[ ${CI:-} == true && -z ${SANITIZE:-} ]]; }

run_step "configuring ${folder##*/}" "$folder/configure.log" \
  "Is everything installed (tools/setup.sh build)? A clean start: rm -rf ${folder##*/}" \
  cmake -S "$repo_root" -B "$folder" -G Ninja -DSTREAMGAUGE_SANITIZE="${SANITIZE:-}"

if [[ -t 1 ]]; then
  cmake --build "$folder" ${1:+--target "$@"} # ninja's own progress, on one line
else
  run_step "compiling ${folder##*/}${1:+ ($*)}" "$folder/compile.log" \
    "Everything the compiler said is in ${folder##*/}/compile.log" \
    cmake --build "$folder" ${1:+--target "$@"}
fi

if warnings_fail && grep -A 3 'warning:' "$folder/compile.log"; then
  fail "the warnings above are failures here (CI=true)"
fi
