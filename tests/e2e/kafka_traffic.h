// Traffic on a Kafka topic. See traffic.h.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "e2e/traffic.h"
#include "support/activities.h"
#include "support/kafka_client.h"
#include "support/kafka_member.h"

namespace streamgauge::test {

struct KafkaTopicOptions {
  int partitions = 1;
  std::map<std::string, std::string> config;
};

class KafkaTraffic : public Traffic {
 public:
  // Makes the topic, and the group by committing its start.
  KafkaTraffic(std::string bootstrap, TrafficNames names, const KafkaTopicOptions& options);

  void Produce(int per_second) override;
  void Consume(int per_second) override;
  void ConsumeInPairs(bool wanted) override;
  void Burst(int messages) override;
  void Poison() override;
  void Stick() override { Poison(); }  // a partition stands still behind one record
  void RemoveMessages() override;
  std::optional<std::string> failure() const override;

 private:
  std::unique_ptr<KafkaMember> Join(KafkaMemberOptions options) const;

  std::string bootstrap_;
  TrafficNames names_;
  int partitions_;
  KafkaClient client_;
  std::optional<Activities> producer_;
  std::unique_ptr<KafkaMember> member_, second_;
};

}  // namespace streamgauge::test
