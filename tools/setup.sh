#!/usr/bin/env bash
# Installs what is missing here, and does nothing (in well under a second) when nothing is.
#
#   tools/setup.sh build        compiler, CMake and the libraries that the distribution has
#   tools/setup.sh test         build, and the servers that the tests start: Redis, Valkey,
#                               Apache Kafka (on Java), Prometheus with promtool, Alertmanager;
#                               Go, which checks and makes the dashboards
#   tools/setup.sh demo         build, and what the demo starts: Redis, Kafka
#   tools/setup.sh redis-only   the same without Kafka and Java
#   tools/setup.sh monitoring   Prometheus and Alertmanager, which the demo starts beside it
#   tools/setup.sh fuzz         clang with libFuzzer
#   tools/setup.sh lint         clang-format, clang-tidy, shellcheck
#   tools/setup.sh chart        what checks the Helm chart, without the Go programs (tests/cluster/tools.sh)
#   tools/setup.sh image        podman, and what makes a base image where no registry is reached
#   tools/setup.sh cluster      image, and what a one-node Kubernetes runs on
#
# As root on Debian it installs by apt; elsewhere it says what is missing. No service is started or
# enabled: tests start their own on loopback ports. Kafka, Valkey and Go go to
# ${STREAMGAUGE_CACHE:-~/.cache/streamgauge} and change nothing on the host.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

kafka=$cache_root/kafka-4.3.1
valkey=$cache_root/valkey
go=$cache_root/go
logs=$cache_root/logs

# Debian's packages. A command in front (clang-format-19=clang-format-19) means that any
# installation of the command will do.
# shellcheck disable=SC2191
build_packages=(g++=g++ cmake=cmake ninja=ninja-build pkg-config=pkg-config git=git make=make
  ccache=ccache dpkg-source=dpkg-dev xz=xz-utils ca-certificates libssl-dev zlib1g-dev libzstd-dev
  liblz4-dev libsasl2-dev libcurl4-openssl-dev libspdlog-dev libfmt-dev libyaml-cpp-dev
  nlohmann-json3-dev libcli11-dev libgtest-dev libgmock-dev libbenchmark-dev)
redis_packages=(redis-server=redis-server redis-cli=redis-tools)
java_packages=(java=default-jre-headless)
prometheus_packages=(promtool=prometheus amtool=prometheus-alertmanager curl=curl)
test_packages=(openssl=openssl libatomic1 libjemalloc2 liblzf1 python3-yaml)
# A Kerberos realm of a test's own, and what a client of one needs.
kerberos_packages=(krb5kdc=krb5-kdc kadmin.local=krb5-admin-server kinit=krb5-user
  libsasl2-modules-gssapi-mit)
lint_packages=(clang-format-19=clang-format-19 clang-tidy-19=clang-tidy-19 shellcheck=shellcheck)
# clang 19 is the first that has std::expected with g++ 12's standard library.
fuzz_packages=(clang++-19=clang-19 llvm-symbolizer-19=llvm-19 libclang-rt-19-dev)
chart_packages=(python3-yaml python3-pip promtool=prometheus)
# shellcheck disable=SC2191
image_packages=(podman=podman runc=runc catatonit containernetworking-plugins
  debootstrap=debootstrap)
# shellcheck disable=SC2191
cluster_packages=(etcd=etcd-server containerd=containerd ip=iproute2 iptables=iptables
  openssl=openssl curl=curl)
# Packages that start a service when they are installed, and that service if its name is another.
service_packages=(redis-server prometheus prometheus-alertmanager containerd krb5-kdc krb5-admin-server
  etcd-server=etcd podman=podman.service podman=podman.socket podman=podman-restart.service)

is_debian() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }

# missing ENTRY...: prints the packages whose command or package is not here.
missing() {
  local entry packages=()
  for entry in "$@"; do
    if [[ $entry == *=* ]]; then
      command -v "${entry%%=*}" >/dev/null || printf '%s\n' "${entry#*=}"
    else
      packages+=("$entry")
    fi
  done
  ((${#packages[@]})) && is_debian || return 0
  # One call for all; it fails when one is unknown, which is an answer too.
  { dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true; } |
    awk -v wanted="${packages[*]}" '
      $2 == "installed" { here[$1] = 1 }
      END { n = split(wanted, w, " "); for (i = 1; i <= n; i++) if (!(w[i] in here)) print w[i] }'
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  local options=(-y --no-install-recommends -o Dpkg::Options::=--force-confold
    -o DPkg::Lock::Timeout=300)
  # The package list may be old or was never fetched: then once more with a new one. Another
  # source's failure does not matter here, so the update's own result does not either.
  apt-get "${options[@]}" install "$@" || {
    apt-get -o DPkg::Lock::Timeout=300 update || true
    apt-get "${options[@]}" install "$@"
  }
}

# Installs without letting a package start its service, now or at boot.
apt_install_quiet_services() {
  local policy=/usr/sbin/policy-rc.d unit
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt_install "$@"
  [[ -d /run/systemd/system ]] || return 0
  for unit in "${service_packages[@]}"; do
    if [[ " $* " == *" ${unit%%=*} "* ]]; then
      systemctl disable "${unit#*=}" || true
    fi
  done
}

install_packages() {
  local packages
  mapfile -t packages < <(missing "$@" | sort -u)
  ((${#packages[@]})) || return 0
  if ! is_debian; then
    fail "these are missing (by their names in Debian): ${packages[*]}
Install them with this system's package manager and run this again. Libraries that are missing or
too old are built from source by CMake."
  fi
  if ((EUID != 0)); then
    fail "missing packages. Run:
  sudo apt-get install --no-install-recommends ${packages[*]}
and then this again."
  fi
  # One at a time: a second apt-get update may empty the package cache under the first one.
  with_lock apt install_now "${packages[@]}"
}

install_now() {
  run_step "installing ${#} packages ($*)" "$logs/apt.log" \
    "Does 'apt-get update' work here? Then run this again." apt_install_quiet_services "$@"
}

# Everything below is made in a folder of its own and renamed when it is whole.
new_work_folder() {
  mkdir -p "$cache_root/tmp"
  work=$(mktemp -d "$cache_root/tmp/$1.XXXXXX")
  trap 'rm -rf "$work"' EXIT
}

copy_kafka() {
  mvn -B -ntp -f "$repo_root/tools/kafka/pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$work/kafka/libs"
  compgen -G "$work/kafka/libs/kafka_2.13-*.jar" >/dev/null
}

make_kafka() {
  [[ -d $kafka/libs ]] && return 0
  new_work_folder kafka
  run_step "fetching Apache Kafka from Maven's central repository" "$logs/kafka.log" \
    "Can Maven (mvn) reach its repository? Then run this again." copy_kafka
  mv "$work/kafka" "$kafka"
}

# unpack_backports PACKAGE...: into $work/root.
unpack_backports() {
  local deb
  private_apt "$work/apt" deb bookworm-backports
  export APT_CONFIG=$work/apt/apt.conf
  apt-get update
  (cd "$work" && apt-get download "$@")
  for deb in "$work"/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
}

copy_valkey() {
  unpack_backports valkey-server valkey-tools
  "$work/root/usr/bin/valkey-server" --version
  mkdir "$work/valkey"
  mv "$work/root/usr/bin" "$work/valkey/bin"
}

make_valkey() {
  [[ -x $valkey/bin/valkey-server ]] && return 0
  new_work_folder valkey
  run_step "fetching Valkey from Debian's backports" "$logs/valkey.log" \
    "Put a valkey-server at $valkey/bin/ yourself, or run this again." copy_valkey
  mv "$work/valkey" "$valkey"
}

# The distribution's own Go is too old for the dashboards' source; that of its backports is not.
copy_go() {
  unpack_backports golang-1.23-go golang-1.23-src
  "$work/root/usr/lib/go-1.23/bin/go" version
}

make_go() {
  [[ -x $go/root/bin/go ]] && return 0
  new_work_folder go
  run_step "fetching Go from Debian's backports" "$logs/go.log" \
    "Install Go 1.21 or later yourself, or run this again." copy_go
  mkdir -p "$go"
  mv "$work/root/usr" "$go/debian"
  ln -sfn debian/lib/go-1.23 "$go/root"
}

go_is_new_enough() {
  local version
  version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
  [[ $(printf '%s\n' go1.21 "$version" | sort -V | head -n 1) == go1.21 ]]
}

setup_go() {
  [[ -x $go/root/bin/go ]] && return 0
  go_is_new_enough && return 0
  is_debian || fail "Go 1.21 or later is missing: install it and run this again."
  with_lock go make_go
}

make_kafka_quick() {
  [[ -d $kafka/quick ]] && return 0
  new_work_folder kafka
  # Without it brokers start as well, and take their time.
  run_step "preparing quick starts of Apache Kafka" "$logs/kafka-quick.log" \
    "The tests take longer without." \
    "$repo_root/tools/kafka/quick_start.sh" "$kafka/libs" "$work/quick" || return 0
  mv "$work/quick" "$kafka/quick"
}

setup_kafka() {
  install_packages "${java_packages[@]}"
  if [[ ! -d $kafka/libs ]]; then
    install_packages mvn=maven
    with_lock kafka make_kafka
  fi
  [[ -d $kafka/quick ]] || with_lock kafka make_kafka_quick
}

setup_valkey() {
  [[ -x $valkey/bin/valkey-server ]] && return 0
  if command -v valkey-server >/dev/null; then
    mkdir -p "$valkey/bin"
    ln -s "$(command -v valkey-server)" "$valkey/bin/valkey-server"
  elif is_debian; then
    with_lock valkey make_valkey
  else
    fail "valkey-server is missing: install Valkey 8 and run this again."
  fi
}

(($#)) || fail "usage: tools/setup.sh build|test|demo|redis-only|monitoring|fuzz|lint|chart|image|cluster..."
for set in "$@"; do
  case $set in
    build) install_packages "${build_packages[@]}" ;;
    test)
      install_packages "${build_packages[@]}" "${redis_packages[@]}" "${java_packages[@]}" \
        "${prometheus_packages[@]}" "${test_packages[@]}" "${kerberos_packages[@]}"
      setup_kafka
      setup_valkey
      setup_go
      ;;
    demo)
      install_packages "${build_packages[@]}" "${redis_packages[@]}" "${java_packages[@]}"
      setup_kafka
      ;;
    redis-only) install_packages "${build_packages[@]}" "${redis_packages[@]}" ;;
    monitoring) install_packages "${prometheus_packages[@]}" ;;
    fuzz) install_packages "${fuzz_packages[@]}" ;;
    lint) install_packages "${lint_packages[@]}" ;;
    chart) install_packages "${chart_packages[@]}" ;;
    image) install_packages "${image_packages[@]}" ;;
    cluster)
      install_packages "${image_packages[@]}" "${cluster_packages[@]}" \
        "${redis_packages[@]}" "${java_packages[@]}"
      setup_kafka
      ;;
    *) fail "unknown set '$set': build, test, demo, redis-only, monitoring, fuzz, lint, chart, image or cluster" ;;
  esac
done
