# shellcheck shell=bash
# Shared by the scripts in tools/: where things are cached, how progress and failures are shown.

cache_root="${STREAMGAUGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/streamgauge}"
# shellcheck disable=SC2034 # the scripts that source this use it
repo_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# The version that this checkout is of.
project_version() {
  sed -n 's/^project(streamgauge VERSION \([0-9.]*\).*/\1/p' "$repo_root/CMakeLists.txt"
}

say() { printf '%s\n' "streamgauge: $*"; }
fail() {
  printf '%s\n' "streamgauge: $*" >&2
  exit 1
}

# run_step WHAT LOG HINT COMMAND...: one line of progress; on failure the end of the log and HINT.
run_step() {
  local what=$1 log=$2 hint=$3 began=$SECONDS status
  shift 3
  mkdir -p "$(dirname "$log")"
  printf '%s' "streamgauge: $what ... "
  # Not in a condition: there, `set -e` would not stop a failing function.
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1 </dev/null
  status=$?
  set -e
  if ((status == 0)); then
    printf '%s\n' "done ($((SECONDS - began)) s)"
    return 0
  fi
  printf '%s\n' "FAILED after $((SECONDS - began)) s; from $log:"
  {
    grep -E -m 5 ':[0-9]+: error: ' "$log" || true # the compiler's first words count most
    tail -n 20 "$log"
  } | sed 's/^/    /'
  printf '%s\n' "streamgauge: $hint"
  return 1
}

# with_lock NAME COMMAND...: one process at a time per machine user, across checkouts.
with_lock() {
  local name=$1
  shift
  mkdir -p "$cache_root"
  (
    if ! flock -n 9; then
      say "waiting for another run that holds $cache_root/$name.lock"
      flock 9
    fi
    "$@" 9>&- # what it starts does not hold the lock
  ) 9>"$cache_root/$name.lock"
}

# mirrors: "site codename component" of every package index that apt knows here.
mirrors() {
  # shellcheck disable=SC2016 # apt expands these
  apt-get indextargets --format '$(SITE) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null
}

# debian_site: the address of the mirror of the main Debian archive, from apt's own configuration.
debian_site() {
  local codename
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  mirrors | awk -v c="$codename" '$2 == c && $3 == "main" { print $1; exit }'
}

# private_apt DIR TYPE SUITE: an apt configuration of its own in DIR that knows one suite of the
# host's mirror. Use with APT_CONFIG=DIR/apt.conf. Nothing on the host changes: the host's hooks
# (which may clear its package cache under a running installation) are left out, its proxy and
# other transport settings are kept.
private_apt() {
  local dir=$1 type=$2 suite=$3 site
  site=$(debian_site)
  [[ -n $site ]] || fail "apt knows no mirror of Debian's main archive"
  mkdir -p "$dir"/{sources,lists/partial,cache/archives/partial}
  cat >"$dir/sources/one.sources" <<SOURCES
Types: $type
URIs: $site
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  {
    apt-config dump | grep '^Acquire::' || true
    cat <<CONF
Dir::Etc::Parts "/dev/null";
Dir::Etc::Main "/dev/null";
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$dir/sources";
Dir::State::Lists "$dir/lists";
Dir::Cache "$dir/cache";
APT::Sandbox::User "root";
CONF
  } >"$dir/apt.conf"
}
