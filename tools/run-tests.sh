#!/usr/bin/env bash
# Runs what is compiled in a build folder and counts single test cases.
#
#   tools/run-tests.sh FOLDER [CTEST ARGUMENT...]    -L unit, -R 'redis', --rerun-failed ...
#
# The last line is `N passed, N failed[, N skipped]`. Fails when a test failed, when none ran, and
# with CI=true when one was skipped: there, a server that is missing is a mistake.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

(($#)) || fail "usage: tools/run-tests.sh FOLDER [CTEST ARGUMENT...]"
folder=$repo_root/$1
shift
results=$folder/results
log=$folder/test.log
failed_list=$folder/Testing/Temporary/LastTestsFailed.log

say "testing ${folder##*/} (every line of output: ${folder##*/}/test.log)"
began=$SECONDS
rm -rf "$results"
[[ " $* " == *" --rerun-failed "* ]] || rm -f "$failed_list"

# Shows failures with their output and the integration tests, which take a while.
ctest --test-dir "$folder" --output-on-failure --parallel "$(nproc)" "$@" </dev/null 2>&1 |
  tee "$log" |
  awk '
    /^[0-9]+% tests passed/ { done = 1 }
    done || /^ *Start +[0-9]+:/ || /^Internal ctest/ || /^Test project/ || /^UpdateCTest/ { next }
    /^ *[0-9]+\/[0-9]+ Test +#.*( Passed |\*\*\*Skipped )/ && !/ (integration|e2e)\./ { next }
    NF { print; fflush() }' || true

# A repetition that mends everything leaves ctest's list of the run before.
if grep -q '^100% tests passed' "$log"; then rm -f "$failed_list"; fi

# Each GoogleTest run leaves an XML file. A test that crashed, or failed after its last case (a
# leak), leaves none or a clean one: it counts as one failure.
mapfile -t files < <(find "$results" -name '*.xml' 2>/dev/null)
read -r passed failed skipped failing_files < <(
  ((${#files[@]})) || files=(/dev/null)
  awk '
    function number(name,   at) {
      at = match($0, " " name "=\"[0-9]+\"")
      return at ? substr($0, at + length(name) + 3) + 0 : 0
    }
    /<testsuites / { total += number("tests") - number("disabled"); bad = number("failures") + number("errors")
                     failed += bad; if (bad) files++ }
    /<testcase .*result="skipped"/ { skipped++ }
    END { printf "%d %d %d %d\n", total - failed - skipped, failed, skipped, files }' "${files[@]}"
)
crashed=0
if [[ -s $failed_list ]]; then
  crashed=$(($(wc -l <"$failed_list") - failing_files))
  ((crashed > 0)) || crashed=0
fi
failed=$((failed + crashed))

status=0
if ((failed)); then
  status=1
  say "failed: $(cut -d: -f2 "$failed_list" | paste -sd' ')"
  say "again, only these: make test ARGS=--rerun-failed (or tools/run-tests.sh ${folder##*/} --rerun-failed)"
fi
if ((passed + failed + skipped == 0)); then
  status=1
  say "no test ran"
fi
if ((skipped)); then
  say "skipped: $(grep -hE '<testcase .*result="skipped"' "${files[@]}" |
    sed -E 's/.*name="([^"]*)".*classname="([^"]*)".*/\2.\1/' | paste -sd' ')"
  if [[ ${CI:-} == true ]]; then
    status=1
    say "a skipped test is a failure here (CI=true): what it needs comes from tools/setup.sh test"
  fi
fi
# What a test has to show: *.report.txt beside its results.
find "$results" -name '*.report.txt' -exec cat {} + 2>/dev/null || true
say "tested ${folder##*/} in $((SECONDS - began)) s"
printf '%s\n' "$passed passed, $failed failed$( ((skipped)) && printf ', %d skipped' "$skipped")"
exit "$status"
