// Everything that can go wrong with a Kafka target, on real brokers: faults of the network side by
// side on one, the others one after the other on brokers of their own; the tests look at the
// outcomes.
//
// STREAMGAUGE_FAULT=TEXT tries only those with TEXT in their names.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <list>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "faults/kafka_scene.h"
#include "faults/sanitized.h"
#include "faults/trials.h"
#include "support/loopback.h"
#include "support/require.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSideBySide = 5;
constexpr int kBrokers = 3;

// What is tried in one place, the first several side by side and the others one after the other.
struct Faults {
  std::vector<std::vector<KafkaFault>> by_place = {
      Chosen(KafkaNetworkFaults()), Chosen(KafkaServerFaults()), Chosen(KafkaNameFaults()),
      Chosen(KafkaTlsFaults()), Chosen(KafkaClusterFaults())};
  std::vector<KafkaFault> all;

  Faults() {
    for (auto& faults : by_place) {
      if (kSanitized) std::erase_if(faults, LeftOut);
      all.insert(all.end(), faults.begin(), faults.end());
    }
  }

 private:
  // With a sanitizer: what restarts brokers, which takes the time, and what is like another one to
  // the agent's code.
  static bool LeftOut(const KafkaFault& fault) {
    const std::set<std::string> kept = {"network: slow, within the timeout",
                                        "network: half-open, replies lost",
                                        "network: replies cut off by a reset",
                                        "network: connections refused",
                                        "broker: paused",
                                        "content: a topic is made anew"};
    return !kept.contains(fault.facts.name);
  }
};

const Faults& AllFaults() {
  static const Faults kFaults;
  return kFaults;
}

// A broker that agents reach only through proxies, one for each of so many scenes.
class ProxiedBroker {
 public:
  explicit ProxiedBroker(std::size_t scenes, const KafkaProxiedListener& listener = {})
      : host_(listener.host) {
    KafkaBrokerOptions options;
    for (std::size_t i = 0; i < scenes; ++i) {
      KafkaProxiedListener one = listener;
      one.port = FreePort();
      proxies_.emplace_back(one.port);
      one.advertised = proxies_.back().port();
      options.proxied.push_back(one);
    }
    broker_.emplace(options);
  }
  KafkaPlace Place(std::size_t number) {
    KafkaPlace place{.broker = *broker_};
    place.proxy = &*std::next(proxies_.begin(), static_cast<std::ptrdiff_t>(number));
    place.host = host_;
    return place;
  }

 private:
  const std::string host_;
  std::list<FaultProxy> proxies_;
  std::optional<KafkaBroker> broker_;
};

std::vector<Outcome> TryInOrder(const std::vector<KafkaFault>& faults, const KafkaPlace& place) {
  std::vector<Outcome> outcomes;
  for (const KafkaFault& fault : faults) outcomes.push_back(Try(fault, place));
  return outcomes;
}

std::vector<Outcome> TrySideBySide(const std::vector<KafkaFault>& faults) {
  std::vector<Outcome> outcomes(faults.size());
  const std::size_t side_by_side = std::min(kSideBySide, faults.size());
  ProxiedBroker broker(side_by_side);
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> lanes;
  for (std::size_t lane = 0; lane < side_by_side; ++lane) {
    lanes.emplace_back([&, lane] {
      for (std::size_t mine = next++; mine < faults.size(); mine = next++) {
        outcomes[mine] = Try(faults[mine], broker.Place(lane));
      }
    });
  }
  lanes.clear();
  return outcomes;
}

std::vector<Outcome> TryOnBroker(const std::vector<KafkaFault>& faults) {
  ProxiedBroker broker(1);
  return TryInOrder(faults, broker.Place(0));
}

std::vector<Outcome> TryByName(const std::vector<KafkaFault>& faults) {
  ProxiedBroker broker(1, {.host = "kafka.test"});
  return TryInOrder(faults, broker.Place(0));
}

std::vector<Outcome> TryByTls(const std::vector<KafkaFault>& faults) {
  KafkaTls tls;
  ProxiedBroker broker(1, {.protocol = "SSL",
                           .properties = {{"ssl.keystore.type", "PEM"},
                                          {"ssl.keystore.location", tls.Store(tls.files.server())},
                                          {"ssl.truststore.type", "PEM"},
                                          {"ssl.truststore.location", tls.files.authority().cert()},
                                          {"ssl.client.auth", "required"}}});
  KafkaPlace place = broker.Place(0);
  place.tls = &tls;
  return TryInOrder(faults, place);
}

std::vector<Outcome> TryInCluster(const std::vector<KafkaFault>& faults) {
  KafkaCluster cluster(kBrokers, {.properties = {{"min.insync.replicas", "1"},
                                                 {"broker.session.timeout.ms", "2000"},
                                                 {"broker.heartbeat.interval.ms", "500"}},
                                  .heap_mib = 192});
  // Above the time that coordinators and leaders take to move, as it is by default.
  return TryInOrder(faults, {.broker = cluster.broker(0), .cluster = &cluster, .stale_after = 7s});
}

// A place that cannot be made is the end of all that were to be tried there.
std::vector<Outcome> TryAt(const std::vector<KafkaFault>& faults,
                           std::vector<Outcome> (*place)(const std::vector<KafkaFault>&)) {
  if (faults.empty()) return {};
  try {
    return place(faults);
  } catch (const std::exception& e) {
    Outcome broken;
    broken.problems.emplace_back(e.what());
    std::vector<Outcome> outcomes(faults.size(), broken);
    for (std::size_t i = 0; i < faults.size(); ++i) outcomes[i].fault = faults[i].facts.name;
    return outcomes;
  }
}

const std::vector<Outcome>& Outcomes() {
  static const std::vector<Outcome> kOutcomes = [] {
    constexpr std::array kPlaces = {TrySideBySide, TryOnBroker, TryByName, TryByTls, TryInCluster};
    std::array<std::vector<Outcome>, kPlaces.size()> by_place;
    {
      std::vector<std::jthread> places;
      for (std::size_t i = 0; i < kPlaces.size(); ++i) {
        places.emplace_back([&, i] { by_place[i] = TryAt(AllFaults().by_place[i], kPlaces[i]); });
      }
    }
    std::vector<Outcome> outcomes;
    for (auto& some : by_place) std::ranges::move(some, std::back_inserter(outcomes));
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

INSTANTIATE_TEST_SUITE_P(All, KafkaFaults, testing::Range(std::size_t{0}, AllFaults().all.size()),
                         [](const auto& fault) {
                           return TestName(AllFaults().all[fault.param].facts);
                         });

}  // namespace
}  // namespace streamgauge::test
