// A Kafka source under test, and its readings by name.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "config/config.h"
#include "kafka/kafka_source.h"

namespace streamgauge::test {

inline KafkaTargetConfig KafkaTarget(const std::string& bootstrap) {
  KafkaTargetConfig config;
  config.brokers = {bootstrap};
  config.streams.exclude = {"__*"};
  return config;
}

class PolledKafka {
 public:
  explicit PolledKafka(const KafkaTargetConfig& config, Duration timeout = std::chrono::seconds(5),
                       Duration stale_after = std::chrono::seconds(30))
      : source_(MakeKafkaSource("test", config, timeout, stale_after)) {}

  // Throws when the target could not be read.
  const Reading& Poll() {
    auto reading = TryPoll();
    if (!reading) throw std::runtime_error("poll failed: " + reading.error().message);
    reading_ = std::move(*reading);
    return reading_;
  }
  Result<Reading> TryPoll(std::stop_token stop = {}) { return source_->Poll(stop); }

  // Of the last Poll; null: not in it.
  const StreamReading* Stream(std::string_view name) const {
    for (const StreamReading& stream : reading_.streams) {
      if (stream.name->text() == name) return &stream;
    }
    return nullptr;
  }
  const GroupReading* Group(std::string_view stream, std::string_view name) const {
    for (const GroupReading& group : reading_.groups) {
      if (group.name->text() == name && reading_.streams[group.stream].name->text() == stream) {
        return &group;
      }
    }
    return nullptr;
  }
  static const GroupPartitionReading* Partition(const GroupReading& group, std::int32_t number) {
    for (const GroupPartitionReading& partition : group.partitions) {
      if (partition.partition == number) return &partition;
    }
    return nullptr;
  }
  std::uint64_t Skipped(std::string_view kind) const {
    std::uint64_t count = 0;
    for (const SkippedItems& skipped : reading_.skipped) {
      if (skipped.kind == kind) count += skipped.count;
    }
    return count;
  }
  const Reading& reading() const { return reading_; }
  const Telemetry& telemetry() const { return source_->telemetry(); }

 private:
  std::unique_ptr<Source> source_;
  Reading reading_;
};

}  // namespace streamgauge::test
