#include "e2e/kafka_traffic.h"

#include <utility>

namespace streamgauge::test {

using std::chrono::milliseconds;

KafkaTraffic::KafkaTraffic(std::string bootstrap, TrafficNames names,
                           const KafkaTopicOptions& options)
    : bootstrap_(std::move(bootstrap)),
      names_(std::move(names)),
      partitions_(options.partitions),
      client_(bootstrap_) {
  client_.CreateTopic(names_.stream, partitions_, options.config);
  // A group that has never committed has no lag.
  for (int partition = 0; partition < partitions_; ++partition) {
    client_.CommitOffsets(names_.group, {{names_.stream, partition, 0}});
  }
}

void KafkaTraffic::Produce(int per_second) {
  producer_.reset();
  if (per_second == 0) return;
  producer_.emplace();
  producer_->Repeat("kafka " + names_.stream, milliseconds(100),
                    [this, client = std::make_shared<KafkaClient>(bootstrap_),
                     count = per_second / 10, partition = 0]() mutable {
                      client->Produce(names_.stream, partition, count);
                      partition = (partition + 1) % partitions_;
                    });
}

void KafkaTraffic::Burst(int messages) {
  for (int partition = 0; partition < partitions_; ++partition) {
    client_.Produce(names_.stream, partition, messages / partitions_);
  }
}

std::unique_ptr<KafkaMember> KafkaTraffic::Join(KafkaMemberOptions options) const {
  options.group = names_.group;
  options.topics = {names_.stream};
  return std::make_unique<KafkaMember>(bootstrap_, std::move(options));
}

void KafkaTraffic::Consume(int per_second) {
  member_.reset();
  if (per_second == 0) return;
  member_ = Join({.per_record = milliseconds(per_second == kFast ? 0 : 1000 / per_second)});
}

void KafkaTraffic::ConsumeInPairs(bool wanted) {
  second_.reset();
  if (wanted) second_ = Join({});
}

// It reads, and commits nothing from the failing record on.
void KafkaTraffic::Poison() {
  member_.reset();
  member_ = Join({.commits = false});
}

void KafkaTraffic::RemoveMessages() {
  for (int partition = 0; partition < partitions_; ++partition) {
    const KafkaWatermarks marks = client_.Watermarks(names_.stream, partition);
    client_.DeleteRecords(names_.stream, partition, marks.end - 10);
  }
}

std::optional<std::string> KafkaTraffic::failure() const {
  return producer_ ? producer_->failure() : std::nullopt;
}

}  // namespace streamgauge::test
