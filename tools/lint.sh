#!/usr/bin/env bash
# Formats the C++ sources, or checks everything that a machine can check about the sources.
#
#   tools/lint.sh fmt          formats
#   tools/lint.sh lint         format, shellcheck, and clang-tidy on what differs from upstream
#   tools/lint.sh lint all     ... and clang-tidy on everything
#
# clang-tidy takes seconds for each file: it stops after LINT_SECONDS (default 600) and says what it
# left out. Needs build/compile_commands.json (make build).
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$repo_root"

budget=${LINT_SECONDS:-600}
tracked() { git ls-files --cached --others --exclude-standard -- "$@"; }

# changed: the .cc files that differ from upstream, or from the last commit where there is none.
changed() {
  local base
  base=$(git merge-base HEAD '@{upstream}' 2>/dev/null ||
    git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD)
  {
    git diff --name-only --diff-filter=d "$base" -- '*.cc'
    git ls-files --others --exclude-standard -- '*.cc'
  } | sort -u
}

# known: of the files on stdin, those that this build compiles.
known() {
  local file
  while read -r file; do
    grep -qF "\"$repo_root/$file\"" build/compile_commands.json && printf '%s\n' "$file"
  done
  return 0
}

check_format() { tracked '*.cc' '*.h' | xargs -r clang-format-19 --dry-run -Werror; }
check_shell() { tracked '*.sh' .ci/run | xargs -r shellcheck -x; }

check_tidy() {
  [[ -f build/compile_commands.json ]] || fail "there is no build/compile_commands.json: make build"
  local files
  mapfile -t files < <(if [[ ${1:-} == all ]]; then tracked '*.cc'; else changed; fi | known)
  say "clang-tidy: ${#files[@]} files"
  ((${#files[@]})) || return 0
  local status=0
  printf '%s\n' "${files[@]}" |
    timeout "$budget" xargs -P "$(nproc)" -n 1 clang-tidy-19 -p build --quiet 2>/dev/null || status=$?
  if ((status == 124)); then
    say "clang-tidy was stopped after $budget s (LINT_SECONDS): not all files were checked"
    return 0
  fi
  return "$status"
}

case "${1:-}" in
  fmt) tracked '*.cc' '*.h' | xargs -r clang-format-19 -i ;;
  lint)
    status=0
    check_format || status=1
    check_shell || status=1
    check_tidy "${2:-}" || status=1
    ((status)) && fail "lint found something; make fmt mends the format"
    say "lint: clean"
    ;;
  *) fail "usage: tools/lint.sh fmt|lint [all]" ;;
esac
