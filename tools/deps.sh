#!/usr/bin/env bash
# Builds the libraries that this system lacks (cmake/Dependencies.cmake) once, into a prefix that
# every checkout and build folder shares. Instant when it is there already.
#
#   tools/deps.sh            build if needed, print progress
#   tools/deps.sh --prefix   only print where the prefix for this checkout is, or would be
#
# The prefix's name holds a digest of the list, the compiler and the distribution: a change of any
# of them makes a new one. Delete ~/.cache/streamgauge/deps to start over.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# FetchContent name -> Debian source package. Where upstream's git host cannot be reached, the same
# sources come from the distribution's own mirror.
declare -A debian_source=(
  [rdkafka]=librdkafka
  [hiredis]=hiredis
  [prometheus-cpp]=prometheus-cpp
  [httplib]=cpp-httplib
)
suite=forky

compiler=${CXX:-g++}

key() {
  {
    # Without comments: they change nothing.
    sed -E 's/#.*//; s/[[:space:]]+$//; /^$/d' \
      "$repo_root"/cmake/{Dependencies,Hardening}.cmake "$repo_root/cmake/deps/CMakeLists.txt"
    "$compiler" -dumpfullversion -dumpmachine 2>/dev/null
    (. /etc/os-release && printf '%s\n' "${ID:-} ${VERSION_ID:-}")
  } | sha256sum | cut -c1-16
}

prefix="$cache_root/deps/$(key)"

# Upstream answers within a few seconds, or not at all.
upstream_reachable() {
  GIT_TERMINAL_PROMPT=0 timeout 10 \
    git ls-remote --quiet https://github.com/redis/hiredis.git HEAD >/dev/null 2>&1
}

# fetch_debian_sources DIR: unpacks each library into DIR/<FetchContent name>.
fetch_debian_sources() {
  local dir=$1 name package archive
  private_apt "$dir/apt" deb-src "$suite"
  export APT_CONFIG=$dir/apt/apt.conf
  apt-get update
  mkdir -p "$dir/archives"
  (cd "$dir/archives" && apt-get source --download-only --tar-only "${debian_source[@]}")
  for name in "${!debian_source[@]}"; do
    package=${debian_source[$name]}
    archive=$(find "$dir/archives" -name "${package}_*.orig.tar.*" ! -name '*.asc' | head -n 1)
    [[ -n $archive ]] || fail "the sources of $package did not arrive"
    mkdir -p "$dir/$name"
    tar -C "$dir/$name" --strip-components=1 -xf "$archive"
  done
  unset APT_CONFIG
}

configure() {
  local launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  cmake -S "$repo_root/cmake/deps" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib "${launcher[@]}" "$@"
}

build() {
  [[ -e $prefix/.complete ]] && return 0 # another run has made it meanwhile
  local log_dir="$cache_root/logs" name options=()
  local retry="Fix what it says and run tools/deps.sh again."
  mkdir -p "$cache_root/tmp"
  work=$(mktemp -d "$cache_root/tmp/deps.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  export CCACHE_BASEDIR="$work" CCACHE_NOHASHDIR=1
  if ! upstream_reachable; then
    command -v apt-get >/dev/null ||
      fail "neither upstream's git host nor a Debian mirror can be reached: the libraries in cmake/Dependencies.cmake must be installed by hand"
    run_step "fetching library sources from the Debian mirror" "$log_dir/deps-fetch.log" \
      "Is the mirror reachable (apt-get update)? $retry" fetch_debian_sources "$work/src"
    options+=(-DFETCHCONTENT_FULLY_DISCONNECTED=ON)
    for name in "${!debian_source[@]}"; do
      options+=("-DFETCHCONTENT_SOURCE_DIR_${name^^}=$work/src/$name")
    done
  fi
  run_step "configuring libraries" "$log_dir/deps-configure.log" \
    "Is everything installed (tools/setup.sh build)? $retry" configure "${options[@]}"
  run_step "building libraries (about a minute)" "$log_dir/deps-build.log" "$retry" \
    cmake --build "$work/build"
  # Installed beside its place and renamed: an interrupted run never leaves half a prefix. The
  # files name the prefix itself, so that they are right once renamed.
  run_step "installing libraries" "$log_dir/deps-install.log" "$retry" \
    env DESTDIR="$work/root" cmake --install "$work/build"
  touch "$work/root$prefix/.complete"
  mkdir -p "$(dirname "$prefix")"
  rm -rf "$prefix"
  mv "$work/root$prefix" "$prefix"
}

case "${1:-}" in
  --prefix) printf '%s\n' "$prefix" ;;
  "")
    [[ -e $prefix/.complete ]] || with_lock deps build
    ;;
  *) fail "usage: tools/deps.sh [--prefix]" ;;
esac
