# shellcheck shell=bash
# Counts checks and tells of those that fail, with what their last command said.

passed=0 failed=0

# check SENTENCE COMMAND...: one case.
check() {
  local sentence=$1 began=$SECONDS output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    printf '  passed: %s (%d s)\n' "$sentence" "$((SECONDS - began))"
  else
    failed=$((failed + 1))
    printf '  FAILED: %s (%d s)\n%s\n' "$sentence" "$((SECONDS - began))" "$(tail -n 15 <<<"$output" | sed 's/^/    /')"
  fi
}

# wait_until SECONDS COMMAND...: until it succeeds; fails with its last words.
wait_until() {
  local deadline=$((SECONDS + $1)) output
  shift
  until output=$("$@" 2>&1); do
    ((SECONDS < deadline)) || {
      printf 'not within the time: %s\n%s\n' "$*" "$output"
      return 1
    }
    sleep 0.2
  done
}

# refused PATTERN COMMAND...: the command fails, and says so.
refused() {
  local pattern=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "it was not refused: $*"
    return 1
  fi
  grep -qE -- "$pattern" <<<"$output" || {
    echo "$output"
    return 1
  }
}
