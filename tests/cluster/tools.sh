#!/usr/bin/env bash
# Builds the programs that the chart's tests need from Go modules, once for all checkouts:
#
#   tools.sh chart             helm, helm-unittest, kubeconform, kube-score (about 3 CPU minutes)
#   tools.sh cluster           the programs of a Kubernetes (about 12 CPU minutes)
#   tools.sh --dir chart|cluster   only prints the folder where they are, or would be
#
# The folder's name holds a digest of the versions below and of go/*.mod. Needs Go 1.21 or later,
# which fetches the Go that these want; exits with 3 where there is none.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/common.sh
source "$here/../../tools/common.sh"

helm=v3.22.0
kubeconform=v0.8.0
kube_score=v1.20.0
kubernetes=$(sed -n 's/^require k8s.io\/kubernetes //p' "$here/go/kubernetes.mod")

key() {
  case $1 in
    chart) printf '%s\n' "$helm" "$kubeconform" "$kube_score" "$kubernetes" &&
      cat "$here/go/helm-unittest.mod" ;;
    cluster) cat "$here/go/kubernetes.mod" ;;
  esac | sha256sum | cut -c1-12
}
folder() { printf '%s\n' "$cache_root/kubernetes/$1-$(key "$1")"; }

# The version that the programs say they are; helm assumes such a cluster where it sees none.
minor=${kubernetes#v1.}
minor=${minor%%.*}

build_chart() {
  local assumed=helm.sh/helm/v3/pkg/chartutil
  GOBIN=$work/bin go install -ldflags \
    "-s -w -X $assumed.k8sVersionMajor=1 -X $assumed.k8sVersionMinor=$minor" \
    "helm.sh/helm/v3/cmd/helm@$helm"
  GOBIN=$work/bin go install -ldflags '-s -w' "github.com/yannh/kubeconform/cmd/kubeconform@$kubeconform"
  GOBIN=$work/bin go install -ldflags '-s -w' "github.com/zegl/kube-score/cmd/kube-score@$kube_score"
  cp "$here/go/helm-unittest.mod" "$work/go.mod"
  (cd "$work" && go build -ldflags '-s -w' -o bin/ github.com/helm-unittest/helm-unittest/cmd/helm-unittest)
}

build_cluster() {
  local version=k8s.io/component-base/version
  cp "$here/go/kubernetes.mod" "$work/go.mod"
  (cd "$work" && go build -ldflags "-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=$minor" \
    -o bin/ k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,kube-proxy,kubectl})
}

build() {
  local set=$1 target
  target=$(folder "$set")
  [[ -d $target ]] && return 0 # another run has made it meanwhile
  mkdir -p "$cache_root/tmp" "$(dirname "$target")"
  work=$(mktemp -d "$cache_root/tmp/tools.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/bin"
  export GOFLAGS="-mod=mod -buildvcs=false -trimpath" GOTOOLCHAIN=auto
  run_step "building the programs of tests/cluster/tools.sh $set (minutes the first time)" \
    "$cache_root/logs/tools-$set.log" "Can Go reach its module proxy? Then run this again." "build_$set"
  mv "$work/bin" "$target"
}

if [[ ${1:-} == --dir ]]; then
  folder "$2"
  exit
fi
[[ ${1:-} == chart || ${1:-} == cluster ]] || fail "usage: tests/cluster/tools.sh [--dir] chart|cluster"
[[ -d $(folder "$1") ]] && exit
if ! command -v go >/dev/null; then
  say "no Go here: the programs for the chart's tests cannot be built. Install Go 1.21 or later."
  exit 3
fi
with_lock "tools-$1" build "$1"
