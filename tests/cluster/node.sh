#!/usr/bin/env bash
# A whole Kubernetes of one node in network, mount and process namespaces of its own, in which it
# runs a script; whatever the script and the node started ends with it.
#
#   BIN=FOLDERS IMAGES="a.tar b.tar" node.sh SCRIPT [ARGUMENT...]
#
#   BIN      folders with the Kubernetes programs and helm, as in PATH
#   IMAGES   OCI archives that containerd is to know
#   SCRIPT   gets KUBECONFIG, NODE_ADDRESS (where pods reach what it starts) and RUN (a folder for
#            files, kept when the script fails); its exit status is this script's
#
# Needs root, etcd, containerd, runc, the CNI plugins, iproute2, iptables and openssl. There is no
# DNS inside, and NetworkPolicies are accepted but not enforced.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The kubelet sets these for the whole machine.
settings=(/proc/sys/vm/overcommit_memory /proc/sys/kernel/panic /proc/sys/kernel/panic_on_oops)

outside() {
  local before=() i status=0
  RUN=$(mktemp -d "${TMPDIR:-/tmp}/streamgauge-node.XXXXXX")
  export RUN
  for i in "${!settings[@]}"; do before[i]=$(<"${settings[i]}"); done
  INSIDE=1 unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0" "$@" || status=$?
  for i in "${!settings[@]}"; do echo "${before[i]}" >"${settings[i]}"; done
  remove_cgroups
  if ((status)); then
    echo "the node's logs are in $RUN" >&2
  else
    rm -rf "$RUN"
  fi
  return "$status"
}

# Empty ones stay behind when the processes are killed; the last take a moment to become empty.
remove_cgroups() {
  local deadline=$((SECONDS + 10)) root=/sys/fs/cgroup
  while find "$root" -maxdepth 2 -type d -name 'kubepods*' | grep -q . && ((SECONDS < deadline)); do
    find "$root" -depth -type d -path '*/kubepods*' -exec rmdir {} + 2>/dev/null || sleep 0.2
  done
}

# One address that pods, the API server and whatever the script starts have in common.
make_network() {
  ip link set lo up
  ip link add node0 type veth peer name node1
  ip link set node1 up
  ip addr add "$NODE_ADDRESS/24" dev node0
  ip link set node0 up
  ip route add default dev node0
  echo 1 >/proc/sys/net/ipv4/ip_forward
}

make_certificates() {
  local names="IP:127.0.0.1,IP:$NODE_ADDRESS,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc"
  openssl genrsa -out sa.key 2048
  openssl rsa -in sa.key -pubout -out sa.pub
  openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 2
  openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=kube-apiserver
  openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt \
    -extfile <(echo "subjectAltName=$names")
  echo 'admin-token,admin,admin,"system:masters"' >tokens.csv
}

configure() {
  local file
  mkdir -p "$RUN/keys" "$RUN/cni" "$RUN/log"
  (cd "$RUN/keys" && make_certificates) >"$RUN/log/openssl.log" 2>&1
  for file in bridge.conflist containerd.toml kubelet.yaml; do
    sed "s#@RUN@#$RUN#g" "$here/node/$file" >"$RUN/$file"
  done
  mv "$RUN/bridge.conflist" "$RUN/cni/10-bridge.conflist"
  cat >"$KUBECONFIG" <<CONF
apiVersion: v1
kind: Config
clusters: [{name: node, cluster: {server: "https://127.0.0.1:6443", certificate-authority: $RUN/keys/ca.crt}}]
users: [{name: admin, user: {token: admin-token}}]
contexts: [{name: node, context: {cluster: node, user: admin}}]
current-context: node
CONF
}

# start PROGRAM ARGUMENT...: in the background, its output in log/PROGRAM.log.
start() { "$@" >"$RUN/log/${1##*/}.log" 2>&1 & }

start_control_plane() {
  local keys=$RUN/keys
  start etcd --data-dir "$RUN/etcd" --listen-client-urls http://127.0.0.1:2379 \
    --advertise-client-urls http://127.0.0.1:2379 --unsafe-no-fsync
  start kube-apiserver --etcd-servers=http://127.0.0.1:2379 --bind-address=0.0.0.0 \
    --advertise-address="$NODE_ADDRESS" --secure-port=6443 \
    --tls-cert-file="$keys/server.crt" --tls-private-key-file="$keys/server.key" \
    --client-ca-file="$keys/ca.crt" --token-auth-file="$keys/tokens.csv" \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$keys/sa.pub" --service-account-signing-key-file="$keys/sa.key" \
    --service-cluster-ip-range=10.96.0.0/24 --authorization-mode=Node,RBAC --allow-privileged=true
  wait_until 60 kubectl get --raw /readyz
  start kube-controller-manager --kubeconfig="$KUBECONFIG" \
    --service-account-private-key-file="$keys/sa.key" --root-ca-file="$keys/ca.crt" \
    --leader-elect=false --bind-address=127.0.0.1 --cert-dir="$RUN/controller-manager"
  start kube-scheduler --kubeconfig="$KUBECONFIG" --leader-elect=false --bind-address=127.0.0.1 \
    --cert-dir="$RUN/scheduler"
}

start_node() {
  start containerd --config "$RUN/containerd.toml"
  wait_until 30 ctr --address "$RUN/containerd/containerd.sock" version
  local image
  for image in $IMAGES; do
    ctr --address "$RUN/containerd/containerd.sock" --namespace k8s.io images import "$image"
  done
  start kubelet --config="$RUN/kubelet.yaml" --kubeconfig="$KUBECONFIG" --root-dir="$RUN/kubelet" \
    --cert-dir="$RUN/kubelet/pki" --hostname-override=localhost --node-ip="$NODE_ADDRESS"
  # 0: connection tracking stays as the machine has it.
  start kube-proxy --kubeconfig="$KUBECONFIG" --proxy-mode=iptables --hostname-override=localhost \
    --cluster-cidr=10.123.0.0/24 --conntrack-max-per-core=0 --conntrack-min=0 \
    --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0
  kubectl wait --for=create node/localhost --timeout=60s
  kubectl wait --for=condition=Ready node/localhost --timeout=60s
}

# wait_until SECONDS COMMAND...: fails when it has not succeeded by then.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || {
      echo "not within the time: $*" >&2
      return 1
    }
    sleep 0.2
  done
}

inside() {
  export PATH=$BIN:$PATH KUBECONFIG=$RUN/kubeconfig NODE_ADDRESS=10.124.0.1
  make_network
  configure
  { start_control_plane && start_node; } >"$RUN/log/start.log" 2>&1 || {
    tail -n 5 "$RUN"/log/*.log >&2
    return 1
  }
  bash "$@"
}

if [[ -z ${INSIDE:-} ]]; then outside "$@"; else inside "$@"; fi
