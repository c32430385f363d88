// Everything that can go wrong with a Kafka target, on real brokers: faults of the network side by
// side on one, those of the broker one after the other on another; the tests look at the outcomes.
//
// STREAMGAUGE_FAULT=TEXT tries only those with TEXT in their names.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "faults/kafka_scene.h"
#include "faults/trials.h"
#include "support/loopback.h"
#include "support/require.h"

namespace streamgauge::test {
namespace {

constexpr std::size_t kSideBySide = 5;

struct Faults {
  std::vector<KafkaFault> network = Chosen(KafkaNetworkFaults());
  std::vector<KafkaFault> server = Chosen(KafkaServerFaults());

  std::size_t size() const { return network.size() + server.size(); }
  const KafkaFault& operator[](std::size_t index) const {
    return index < network.size() ? network[index] : server[index - network.size()];
  }
};

const Faults& AllFaults() {
  static const Faults kFaults;
  return kFaults;
}

// A broker that agents reach only through proxies, one for each of so many scenes.
class ProxiedBroker {
 public:
  explicit ProxiedBroker(std::size_t scenes) {
    KafkaBrokerOptions options;
    for (std::size_t i = 0; i < scenes; ++i) {
      const std::uint16_t port = FreePort();
      proxies_.emplace_back(port);
      options.proxied.push_back({port, proxies_.back().port()});
    }
    broker_.emplace(options);
  }
  KafkaScene Scene(std::size_t number) {
    return {*broker_, *std::next(proxies_.begin(), static_cast<std::ptrdiff_t>(number))};
  }

 private:
  std::list<FaultProxy> proxies_;
  std::optional<KafkaBroker> broker_;
};

std::vector<Outcome> TryAll(const std::vector<KafkaFault>& faults, std::size_t side_by_side) {
  std::vector<Outcome> outcomes(faults.size());
  if (faults.empty()) return outcomes;
  ProxiedBroker broker(side_by_side);
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> lanes;
  for (std::size_t lane = 0; lane < side_by_side; ++lane) {
    lanes.emplace_back([&, lane] {
      for (std::size_t mine = next++; mine < faults.size(); mine = next++) {
        outcomes[mine] = Try(faults[mine], broker.Scene(lane));
      }
    });
  }
  lanes.clear();
  return outcomes;
}

const std::vector<Outcome>& Outcomes() {
  static const std::vector<Outcome> kOutcomes = [] {
    std::vector<Outcome> outcomes;
    std::vector<Outcome> server;
    std::jthread others([&] { server = TryAll(AllFaults().server, 1); });
    outcomes = TryAll(AllFaults().network, kSideBySide);
    others.join();
    outcomes.insert(outcomes.end(), server.begin(), server.end());
    Report("kafka", outcomes);
    return outcomes;
  }();
  return kOutcomes;
}

class KafkaFaults : public ::testing::TestWithParam<std::size_t> {};

TEST_P(KafkaFaults, AreSurvivedAndNothingFalseIsSaid) {
  STREAMGAUGE_REQUIRE(KafkaBroker::Available() && AgentProcess::Available(),
                      "Kafka and Java, or the binary: run tools/setup.sh test");
  for (const std::string& problem : Outcomes()[GetParam()].problems) ADD_FAILURE() << problem;
}

INSTANTIATE_TEST_SUITE_P(All, KafkaFaults, testing::Range(std::size_t{0}, AllFaults().size()),
                         [](const auto& fault) {
                           return TestName(AllFaults()[fault.param].facts);
                         });

}  // namespace
}  // namespace streamgauge::test
