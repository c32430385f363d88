#!/usr/bin/env bash
# Runs the fuzzers of tests/fuzz, two at a time on two processors, and prints what they have done.
#
#   tools/fuzz.sh [NAME...]        redis_reply ...; all without a name
#
# FUZZ_SECONDS (5) for each. New inputs are kept in build-fuzz/corpus, so that the next run goes on
# from there; those in tests/fuzz/corpus are the ones that every run and every test begins with. An
# input that ends a fuzzer is kept in build-fuzz/crashes. The last line is `N passed, N failed`.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$repo_root"

seconds=${FUZZ_SECONDS:-5}
folder=build-fuzz

build() {
  tools/deps.sh
  run_step "configuring $folder" "$folder/configure.log" \
    "Is everything installed (tools/setup.sh build fuzz)? A clean start: rm -rf $folder" \
    cmake -S . -B "$folder" -G Ninja -DSTREAMGAUGE_FUZZ=ON \
    -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19
  run_step "compiling $folder" "$folder/compile.log" \
    "Everything the compiler said is in $folder/compile.log" \
    cmake --build "$folder" --target fuzzers
}

# fuzz NAME: its last line on stdout, everything it says in $folder/logs/NAME.log.
fuzz() {
  local name=$1 log=$folder/logs/$1.log status=0 dictionary=() crashes executions
  mkdir -p "$folder/corpus/$name" "$folder/crashes/$name" "$folder/logs"
  rm -f "$folder/crashes/$name"/*
  if [[ -e tests/fuzz/dictionaries/$name.dict ]]; then
    dictionary=("-dict=tests/fuzz/dictionaries/$name.dict")
  fi
  # An input that takes more than 10 s or 1 GiB is a mistake as much as one that crashes.
  ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-19) UBSAN_OPTIONS=print_stacktrace=1 \
    "$folder/${name}_fuzz" -max_total_time="$seconds" \
    -timeout=10 -rss_limit_mb=1024 -max_len=20000 -print_final_stats=1 "${dictionary[@]}" \
    -artifact_prefix="$folder/crashes/$name/" \
    "$folder/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1 </dev/null || status=$?
  crashes=$(find "$folder/crashes/$name" -type f | wc -l)
  ((status == 0 || crashes > 0)) || crashes=1
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
  printf '%-24s %12s %8s %8s\n' "$name" "${executions:--}" \
    "$(find "$folder/corpus/$name" "tests/fuzz/corpus/$name" -type f | wc -l)" "$crashes"
}

explain() {
  local name=$1 input
  say "$name: the end of $folder/logs/$name.log:"
  grep -vE '^(#[0-9]+|stat::)' "$folder/logs/$name.log" | tail -n 25 | cut -c1-300 | sed 's/^/    /'
  for input in "$folder/crashes/$name"/*; do
    [[ -f $input ]] || continue
    say "again: $folder/${name}_fuzz $input"
    say "once mended: cp $input tests/fuzz/corpus/$name/what_it_is"
  done
}

build
names=("$@")
if ((${#names[@]} == 0)); then
  mapfile -t names < <(find tests/fuzz -name '*_fuzz.cc' -printf '%f\n' | sed 's/_fuzz\.cc$//' | sort)
fi
export -f fuzz
export folder seconds
printf '%-24s %12s %8s %8s\n' fuzzer executions inputs crashes
table=$(printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} bash -c 'set -euo pipefail; fuzz {}' | sort)
printf '%s\n' "$table"
failed=0
while read -r name _ _ crashes; do
  if ((crashes)); then
    failed=$((failed + 1))
    explain "$name"
  fi
done <<<"$table"
awk -v tried="${#names[@]}" -v failed="$failed" '
  { executions += $2; inputs += $3; crashes += $4 }
  END { printf "%-24s %12d %8d %8d   tried %d, survived %d\n", "all", executions, inputs, crashes, tried,
               tried - failed }' <<<"$table"
printf '%d passed, %d failed\n' $((${#names[@]} - failed)) "$failed"
((failed == 0))
