#!/usr/bin/env bash
# What makes the tests' brokers start in half the time: their classes, loaded and verified once
# (JEP 350; the JVM passes over an archive that does not fit), and what a new log folder holds, so
# that no second JVM has to format it.
#
#   quick_start.sh LIBS FOLDER    LIBS: Kafka's jars. FOLDER: is made, with kafka.jsa and
#                                 bootstrap.checkpoint in it
set -euo pipefail
libs=$1 folder=$2

work=$(mktemp -d)
broker=
finish() {
  if [[ -n $broker ]]; then kill -KILL "$broker" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT

read -r port controller_port < <(python3 -c '
import socket
two = [socket.socket() for _ in range(2)]
for one in two: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in two))')

cat >"$work/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$work/data
log.cleaner.dedupe.buffer.size=4194304
PROPERTIES

java=(java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Djava.io.tmpdir=$work"
  -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$libs/*")
"${java[@]}" kafka.tools.StorageTool format -t c3RyZWFtZ2F1Z2UtdGVzdA -c "$work/server.properties"

"${java[@]:0:1}" -XX:ArchiveClassesAtExit="$work/kafka.jsa" "${java[@]:1}" \
  kafka.Kafka "$work/server.properties" &
broker=$!
for ((tries = 0; ; ++tries)); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  if ! kill -0 "$broker" || ((tries == 600)); then exit 1; fi
  sleep 0.1
done
kill -TERM "$broker"
wait "$broker" || true # 128 + SIGTERM
broker=

[[ -s $work/kafka.jsa && -s $work/data/bootstrap.checkpoint ]]
mkdir "$folder"
mv "$work/kafka.jsa" "$work/data/bootstrap.checkpoint" "$folder/"
