# shellcheck shell=bash
# A Redis and a Kafka that the pods reach at NODE_ADDRESS, with streams, topics and groups that
# stand still: every agent sees the same. REQUIRES: RUN, NODE_ADDRESS, KAFKA_LIBS.

redis() { redis-cli -h "$NODE_ADDRESS" "$@"; }

start_redis() {
  redis-server --bind "$NODE_ADDRESS" --protected-mode no --save '' --dir "$RUN" \
    >"$RUN/log/redis.log" 2>&1 &
  wait_until 20 redis ping
  local i
  for i in {1..12}; do
    for _ in {1..7}; do redis xadd "orders:$i" '*' k v; done
    redis xgroup create "orders:$i" billing 0
    redis xgroup create "orders:$i" shipping '$'
  done >/dev/null
}

kafka_class() { java -Xmx128m -XX:TieredStopAtLevel=1 -cp "$KAFKA_LIBS/*" "$@"; }

start_kafka() {
  local properties=$RUN/kafka.properties
  cat >"$properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@$NODE_ADDRESS:9093
listeners=BROKER://$NODE_ADDRESS:9092,CONTROLLER://$NODE_ADDRESS:9093
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=BROKER
log.dirs=$RUN/kafka
offsets.topic.num.partitions=3
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
CONF
  kafka_class kafka.tools.StorageTool format -t Uq6dD0tXRnO1t3S4yJ2uvw -c "$properties"
  java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$KAFKA_LIBS/*" kafka.Kafka \
    "$properties" >"$RUN/log/kafka.log" 2>&1 &
  local topic
  for topic in payments refunds; do
    kafka_class org.apache.kafka.tools.ProducerPerformance --topic "$topic" --num-records 50 \
      --record-size 10 --throughput -1 --producer-props "bootstrap.servers=$NODE_ADDRESS:9092"
  done
  local group
  for group in ledger audit fraud; do
    kafka_class org.apache.kafka.tools.consumer.group.ConsumerGroupCommand \
      --bootstrap-server "$NODE_ADDRESS:9092" --group "$group" --topic payments --topic refunds \
      --reset-offsets --to-earliest --execute
  done
}
