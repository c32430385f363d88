// The demo's traffic on Kafka: the topic `payments` with three partitions, 20 records a second, and
// four groups, each of which is named after what is wrong with it.
#pragma once

#include <memory>
#include <string>

#include "support/activities.h"
#include "support/kafka_member.h"

namespace streamgauge::demo {

class KafkaWorkload {
 public:
  // Makes the topic and its groups and starts the traffic.
  explicit KafkaWorkload(const std::string& bootstrap);

  std::optional<std::string> failure() const { return activities_.failure(); }

 private:
  test::Activities activities_;
  std::vector<std::unique_ptr<test::KafkaMember>> members_;
};

}  // namespace streamgauge::demo
