#!/usr/bin/env bash
# What must hold on a cluster; run by node.sh inside it. Prints a line for each check, what the pod
# uses, and `N passed, N failed`.
#
# REQUIRES: what node.sh gives a script, and VERSION of the image, REPOSITORY, KAFKA_LIBS.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/cluster/checks.sh
source "$here/checks.sh"
# shellcheck source=tests/cluster/servers.sh
source "$here/servers.sh"

chart=$REPOSITORY/helm/streamgauge
namespace=messaging
# The links in the chart's folder are no news here.
helm() { command helm --namespace "$namespace" "$@" 2> >(grep -v 'found symbolic link' >&2); }
kube() { kubectl --namespace "$namespace" "$@"; }

# The five lines of values that everyone begins with.
cat >"$RUN/five-lines.yml" <<E5
config:
  targets:
    - {name: checkout, type: redis, address: "redis://$NODE_ADDRESS:6379"}
    - {name: events, type: kafka, brokers: ["$NODE_ADDRESS:9092"]}
image: {repository: streamgauge}
E5
values=(--values "$RUN/five-lines.yml")

# --- what it looks at -----------------------------------------------------------------------------

service_page() { curl -sf --max-time 5 "http://$(kube get service gauge-streamgauge -o 'jsonpath={.spec.clusterIP}'):9760/metrics"; }
# pod_page POD: through the API server, as the pod's address may not be known yet.
pod_page() { curl -sf --max-time 5 "http://$(kube get pod "$1" -o 'jsonpath={.status.podIP}'):9760/metrics"; }
# shows PATTERN: the Service's page has such a line.
shows() { service_page | grep -E -- "$1"; }
shows_not() { ! service_page | grep -qE -- "$1"; }

# The running pod of a release: its name and how often its containers were started.
pods() { kube get pods --selector "app.kubernetes.io/name=streamgauge,app.kubernetes.io/instance=$1" --field-selector status.phase=Running -o 'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].restartCount}{"\n"}{end}'; }
same_pods() { [[ $(pods gauge) == "$1" ]] || { pods gauge; return 1; }; }

# figures PAGE...: what several agents say of groups, streams and partitions, once each.
figures() { cat "$@" | grep -E '^streamgauge_(group_(lag|pending|backlog|completeness)|stream_length|partition_end_offset)\{' | sort; }

# --- the checks, in their order -------------------------------------------------------------------

enforce_pod_security() {
  kubectl create namespace "$namespace"
  kubectl label namespace "$namespace" pod-security.kubernetes.io/enforce=restricted
}
privileged_pod() { kube run bad --image=docker.io/library/streamgauge-pause:1 --privileged; }

# An earlier chart, where the history has one; else this one under an earlier number.
earlier_chart() {
  local tag folder=$RUN/earlier
  mkdir -p "$folder"
  tag=$(git -C "$REPOSITORY" describe --tags --abbrev=0 --match 'v*' 2>/dev/null || true)
  if [[ -n $tag ]] && git -C "$REPOSITORY" archive "$tag" helm alerts dashboards 2>/dev/null | tar -x -C "$folder"; then
    helm package "$folder/helm/streamgauge" --destination "$folder" >/dev/null
  else
    echo "  no earlier chart was released: upgrading from this one as 0.0.1" >&2
    helm package "$chart" --version 0.0.1 --destination "$folder" >/dev/null
  fi
  printf '%s\n' "$folder"/*.tgz
}

install() { helm install gauge "$1" "${values[@]}" --wait --timeout 60s; }
upgrade() { helm upgrade gauge "$chart" "${values[@]}" --wait --timeout 60s "$@"; }

change_configuration() {
  values+=(--set config.poll_interval=2s)
  upgrade && wait_until 60 shows '^streamgauge_poll_interval_seconds\{.*\} 2$'
}

# Past the chart's own checks, as an edited ConfigMap is.
break_configuration() {
  kube get configmap gauge-streamgauge -o yaml >"$RUN/good.yml"
  kube patch configmap gauge-streamgauge --patch '{"data":{"streamgauge.yml":"poll_interval: 5x\n"}}'
  wait_until 60 shows '^streamgauge_config_last_reload_successful 0$'
}
still_works() { shows '^streamgauge_group_lag\{.*stream="orders:1".*group="billing".*\} 7$'; }
mend_configuration() {
  kube replace --force -f "$RUN/good.yml"
  wait_until 60 shows '^streamgauge_config_last_reload_successful 1$'
}

make_secret() { kube create secret generic redis-monitor --from-literal="password=$1" --dry-run=client -o yaml | kube apply -f -; }
# The same rights as the chart's notes name.
make_user() {
  redis acl setuser monitor reset on ">$1" resetkeys '%R~*' resetchannels -@all +info +time +scan \
    +multi +exec '+xinfo|stream' '+xinfo|groups' '+xinfo|consumers' +xpending +xrange +xlen '+client|setname'
}
use_secret() {
  make_user first && make_secret first
  cat >"$RUN/secret.yml" <<CONF
config:
  targets:
    - {name: checkout, type: redis, address: "redis://$NODE_ADDRESS:6379", username: monitor}
    - {name: events, type: kafka, brokers: ["$NODE_ADDRESS:9092"]}
secrets: {checkout: {existingSecret: redis-monitor}}
CONF
  values+=(--values "$RUN/secret.yml")
  upgrade && wait_until 30 shows '^streamgauge_target_up\{.*target="checkout".*\} 1$'
}
rotate_secret() {
  make_user second
  redis client kill user monitor
  wait_until 30 shows '^streamgauge_target_up\{.*target="checkout".*\} 0$' || return 1
  make_secret second
  wait_until 90 shows '^streamgauge_target_up\{.*target="checkout".*\} 1$'
}

objects_accepted() {
  kubectl apply --server-side -f "$here/crds" || return 1
  wait_until 20 kubectl get crd servicemonitors.monitoring.coreos.com
  kubectl wait --for=condition=Established crd --all --timeout=20s
  local value
  for value in serviceMonitor alerts dashboards dashboards.grafanaOperator networkPolicy podDisruptionBudget; do
    values+=(--set "$value.enabled=true")
  done
  upgrade
}
# kinds_are KIND NUMBER...
kinds_are() {
  local count
  while (($#)); do
    count=$(kube get "$1" --selector app.kubernetes.io/instance=gauge -o name | wc -l)
    ((count == $2)) || { echo "$count of $1, not $2"; return 1; }
    shift 2
  done
}

broken_release() { upgrade --atomic --timeout 20s --set image.tag=does-not-exist,image.pullPolicy=Never; }
image_is() { [[ $(kube get deployment gauge-streamgauge -o 'jsonpath={.spec.template.spec.containers[0].image}') == "$1" ]]; }

shards_equal_one() {
  local i
  helm install shards "$chart" "${values[@]}" --set shards=3,podDisruptionBudget.enabled=false --wait --timeout 60s || return 1
  wait_until 30 same_figures || { for i in 0 1 2; do wc -l "$RUN/shard-$i"; done; diff "$RUN/one" "$RUN/three"; return 1; }
  for i in 0 1 2; do
    [[ $(figures "$RUN/shard-$i" | wc -l) -gt 0 ]] || { echo "shard $i has nothing to do"; return 1; }
  done
  helm uninstall shards --wait
}
same_figures() {
  local i
  service_page >"$RUN/single"
  for i in 0 1 2; do pod_page "shards-streamgauge-$i" >"$RUN/shard-$i"; done
  figures "$RUN/single" >"$RUN/one"
  figures "$RUN"/shard-? >"$RUN/three"
  [[ -s $RUN/one ]] && diff -q "$RUN/one" "$RUN/three"
}

# The kubelet's own figures of the container, over half a minute.
uses() { curl -sfk https://127.0.0.1:30250/stats/summary | python3 -c '
import json, sys
pod = next(p for p in json.load(sys.stdin)["pods"] if p["podRef"]["name"] == sys.argv[1])
one = pod["containers"][0]
print(one["cpu"]["usageCoreNanoSeconds"], one["memory"]["workingSetBytes"], one["cpu"]["time"])' "$1"; }
print_uses() {
  local name first second
  name=$(pods gauge | cut -d' ' -f1)
  first=$(uses "$name")
  wait_until 60 newer "$name" "$first"
  second=$(uses "$name")
  python3 - "$first" "$second" <<'PY'
import datetime, sys
(cpu0, _, t0), (cpu1, memory, t1) = sys.argv[1].split(), sys.argv[2].split()
at = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
seconds = (at(t1) - at(t0)).total_seconds()
print(f"  the pod in steady state: {int(memory) / 2**20:.1f} MiB, "
      f"{(int(cpu1) - int(cpu0)) / 1e6 / seconds:.1f} millicores (over {seconds:.0f} s, polled every 2 s)")
PY
}
# Figures at least 15 s younger.
newer() {
  python3 - "$2" "$(uses "$1")" <<'PY'
import datetime, sys
at = lambda text: datetime.datetime.fromisoformat(text.split()[2].replace("Z", "+00:00"))
sys.exit((at(sys.argv[2]) - at(sys.argv[1])).total_seconds() < 15)
PY
}

# The hash is that of "test". Probes that did not speak HTTPS would keep the release from being ready.
serve_with_tls() {
  local folder=$RUN/web
  mkdir -p "$folder"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$folder/tls.key" -out "$folder/tls.crt" -days 2 \
    -subj /CN=gauge -addext subjectAltName=DNS:gauge-streamgauge
  cat >"$folder/web.yml" <<'CONF'
tls_server_config: {cert_file: tls.crt, key_file: tls.key}
basic_auth_users: {prometheus: $2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay}
CONF
  kube create secret generic gauge-web --from-file="$folder" || return 1
  upgrade --set web.existingSecret=gauge-web,web.tls=true
}
# https_code CURL_OPTION...: the status of /metrics through the Service.
https_code() {
  local address
  address=$(kube get service gauge-streamgauge -o 'jsonpath={.spec.clusterIP}')
  curl -s --max-time 5 --cacert "$RUN/web/tls.crt" --resolve "gauge-streamgauge:9760:$address" \
    --output /dev/null --write-out '%{http_code}' "$@" https://gauge-streamgauge:9760/metrics
}
answers() { [[ $(https_code "${@:2}") == "$1" ]]; }

stops_at_once() {
  local name began
  name=$(pods gauge | cut -d' ' -f1)
  began=$(date +%s%N)
  kube delete pod "$name" --wait --timeout=20s
  local milliseconds=$((($(date +%s%N) - began) / 1000000))
  echo "$milliseconds ms"
  # The kubelet would wait for ten seconds before it kills.
  ((milliseconds < 6000))
}
nothing_left() {
  local kinds=all,configmaps,serviceaccounts,networkpolicies,poddisruptionbudgets,servicemonitors,podmonitors,prometheusrules,grafanadashboards
  local left
  left=$(kube get "$kinds" --selector 'app.kubernetes.io/instance in (gauge, shards)' -o name)
  [[ -z $left ]] || { echo "$left"; return 1; }
}

main() {
  start_redis
  start_kafka >"$RUN/log/kafka-setup.log" 2>&1 &
  local kafka=$! earlier before
  earlier=$(earlier_chart)
  check "the namespace enforces Pod Security's restricted" enforce_pod_security
  check "and refuses a privileged pod" refused 'violates PodSecurity' privileged_pod
  wait "$kafka" || { tail -n 20 "$RUN/log/kafka-setup.log"; }

  check "an earlier chart is installed with five lines of values" install "$earlier"
  check "and upgraded to this one" upgrade
  check "helm test can read every target" helm test gauge
  check "the Redis is up, seen through the Service" shows '^streamgauge_target_up\{.*target="checkout".*\} 1$'
  check "the Kafka is up" shows '^streamgauge_target_up\{.*target="events".*\} 1$'
  check "the lag of a Redis group is right" still_works
  check "the lag of a Kafka group is right" wait_until 30 shows '^streamgauge_group_lag\{.*stream="payments".*group="ledger".*\} 50$'

  before=$(pods gauge)
  check "a changed configuration is taken up" change_configuration
  check "a bad configuration is refused" break_configuration
  check "while the old one keeps working" still_works
  check "a mended configuration is taken up" mend_configuration
  check "all of that in the same pod, without a restart" same_pods "$before"
  check "a value that cannot be is refused with a sentence" refused 'replicas: 2 agents for each of 3 shards cannot be' upgrade --set shards=3,replicas=2

  check "a password comes from a Secret" use_secret
  before=$(pods gauge)
  check "a rotated password is taken up" rotate_secret
  check "in the same pod, without a restart" same_pods "$before"

  check "the API server takes monitors, rules and dashboards" objects_accepted
  check "and has all of them" kinds_are servicemonitor 1 prometheusrule 1 grafanadashboard 5 networkpolicy 1 poddisruptionbudget 1
  check "a broken release is rolled back" refused 'release gauge failed, and has been rolled back' broken_release
  check "to the image before" image_is "streamgauge:$VERSION"
  check "the agent works on" still_works
  print_uses || echo "  what the pod uses is not known"
  check "three shards together say what one agent says" shards_equal_one

  check "it serves with TLS and a password, and is probed so" serve_with_tls
  check "who has the password gets the page" wait_until 10 answers 200 --user prometheus:test
  check "who has none does not" answers 401

  check "SIGTERM ends a pod at once" stops_at_once
  check "helm uninstalls it" helm uninstall gauge --wait --timeout 60s
  check "and nothing is left" wait_until 30 nothing_left
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}

main
