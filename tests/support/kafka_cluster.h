// A real Kafka cluster of a test's own: brokers that are controllers, too.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "support/kafka_broker.h"

namespace streamgauge::test {

// Not thread-safe. Everything that fails throws std::runtime_error.
class KafkaCluster {
 public:
  // `common` is what all brokers have. Returns when all of them are there.
  explicit KafkaCluster(int brokers, KafkaBrokerOptions common = {});
  ~KafkaCluster();

  KafkaBroker& broker(std::size_t index);  // its node is index + 1
  // Where a node stands: each in a rack of its own.
  static std::string Rack(int node);
  int size() const { return static_cast<int>(brokers_.size()); }
  // All brokers' addresses, with commas.
  const std::string& bootstrap() const { return bootstrap_; }

 private:
  class BrokerThread;

  std::vector<std::unique_ptr<BrokerThread>> brokers_;
  std::string bootstrap_;
};

}  // namespace streamgauge::test
