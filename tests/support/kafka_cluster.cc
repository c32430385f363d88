#include "support/kafka_cluster.h"

#include <condition_variable>
#include <exception>
#include <future>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "support/loopback.h"

namespace streamgauge::test {

// A broker of a cluster comes up when most of the others do: each one starts in a thread of its
// own, which lives as long as the broker, as the process would end with it.
class KafkaCluster::BrokerThread {
 public:
  explicit BrokerThread(KafkaBrokerOptions options)
      : thread_([this, options = std::move(options)](const std::stop_token& stop) {
          try {
            KafkaBroker broker(options);
            started_.set_value(&broker);
            std::mutex mutex;
            std::unique_lock lock(mutex);
            std::condition_variable_any().wait(lock, stop, [] { return false; });
          } catch (...) {
            started_.set_exception(std::current_exception());
          }
        }) {}
  KafkaBroker& broker() { return *broker_.get(); }

 private:
  std::promise<KafkaBroker*> started_;
  std::shared_future<KafkaBroker*> broker_{started_.get_future()};
  std::jthread thread_;
};

KafkaCluster::KafkaCluster(int brokers, KafkaBrokerOptions common) {
  for (int node = 1; node <= brokers; ++node) common.voters.push_back({node, FreePort()});
  for (int node = 1; node <= brokers; ++node) {
    common.node = node;
    common.properties["broker.rack"] = Rack(node);
    brokers_.push_back(std::make_unique<BrokerThread>(common));
  }
  for (const auto& one : brokers_) {
    bootstrap_ += (bootstrap_.empty() ? "" : ",") + one->broker().bootstrap();
  }
  broker(0).WaitUntilReady(brokers);
}

KafkaCluster::~KafkaCluster() = default;

std::string KafkaCluster::Rack(int node) { return "rack-" + std::to_string(node); }

KafkaBroker& KafkaCluster::broker(std::size_t index) { return brokers_.at(index)->broker(); }

}  // namespace streamgauge::test
