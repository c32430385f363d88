#include "support/kafka_member.h"

#include <utility>

namespace streamgauge::test {
namespace {

KafkaProperties Properties(const std::string& bootstrap, const KafkaMemberOptions& options) {
  KafkaProperties properties = options.properties;
  const bool classic = options.protocol == GroupProtocol::kClassic;
  properties.try_emplace("bootstrap.servers", bootstrap);
  properties.try_emplace("group.id", options.group);
  properties.try_emplace("group.protocol", classic ? "classic" : "consumer");
  properties.try_emplace("enable.auto.commit", "false");
  properties.try_emplace("auto.offset.reset", "earliest");
  if (classic) properties.try_emplace("session.timeout.ms", "10000");
  return properties;
}

KafkaPartitions Assignment(rd_kafka_t* handle) {
  rd_kafka_topic_partition_list_t* list = nullptr;
  if (rd_kafka_assignment(handle, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return nullptr;
  return KafkaPartitions(list);
}

}  // namespace

KafkaMember::KafkaMember(const std::string& bootstrap, KafkaMemberOptions options)
    : options_(std::move(options)),
      handle_(MakeKafkaHandle(RD_KAFKA_CONSUMER, Properties(bootstrap, options_))) {
  rd_kafka_poll_set_consumer(handle_.get());
  const KafkaPartitions topics(
      rd_kafka_topic_partition_list_new(static_cast<int>(options_.topics.size())));
  for (const std::string& topic : options_.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  ThrowIf(rd_kafka_subscribe(handle_.get(), topics.get()), "subscribe " + options_.group);
  thread_ = std::jthread([this](const std::stop_token& stop) { Poll(stop); });
}

KafkaMember::~KafkaMember() {
  thread_ = {};  // stops and joins
  rd_kafka_consumer_close(handle_.get());
}

int KafkaMember::assigned_partitions() const {
  const KafkaPartitions assignment = Assignment(handle_.get());
  return assignment ? assignment->cnt : 0;
}

void KafkaMember::PauseAssignment() {
  const KafkaPartitions assignment = Assignment(handle_.get());
  if (assignment) rd_kafka_pause_partitions(handle_.get(), assignment.get());
}

void KafkaMember::Poll(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!options_.reads) PauseAssignment();
    const KafkaMessage message(rd_kafka_consumer_poll(handle_.get(), 100));
    if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR || !options_.reads) continue;
    std::this_thread::sleep_for(options_.per_record);
    if (options_.commits) rd_kafka_commit_message(handle_.get(), message.get(), 0);
    ++consumed_;
  }
}

}  // namespace streamgauge::test
