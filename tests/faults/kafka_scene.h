// Where a Kafka fault happens: topics of their own on a broker or cluster that several scenes may
// share, and an agent that reaches it, mostly through a proxy.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "faults/fault.h"
#include "faults/kafka_world.h"
#include "faults/sanitized.h"
#include "faults/shifted_clock.h"
#include "faults/test_names.h"
#include "faults/tls_files.h"
#include "faults/trial.h"
#include "support/agent_process.h"
#include "support/fault_proxy.h"
#include "support/kafka_broker.h"
#include "support/kafka_cluster.h"

namespace streamgauge::test {

// A broker whose listener behind the proxy speaks TLS and wants a certificate.
struct KafkaTls {
  TlsFiles files;
  TempDir folder{"store"};

  // Where the broker finds key and certificate; read when it starts.
  std::filesystem::path Store(const CertificateFiles& shown) const;
};

struct KafkaPlace {
  KafkaBroker& broker;
  FaultProxy* proxy = nullptr;  // null: the agent connects to all brokers of the cluster
  KafkaCluster* cluster = nullptr;
  KafkaTls* tls = nullptr;
  std::string host = "127.0.0.1";  // by which the agent reaches the proxy
  std::chrono::milliseconds stale_after = std::chrono::milliseconds(1500) * kSlowdown;
};

struct KafkaScene : KafkaPlace {
  ShiftedClock clock;
  TestNames names;
  std::unique_ptr<KafkaWorld> world;
  // What a fault keeps between its beginning and its end.
  KafkaBroker* victim = nullptr;
  std::jthread background;

  explicit KafkaScene(const KafkaPlace& place) : KafkaPlace(place) {}
};

// librdkafka tells a connection that is lost from one that hangs only after a while.
inline std::set<std::string> GoneOrSilent() { return {"timeout", "unavailable"}; }

struct KafkaFault {
  FaultFacts facts;
  std::function<void(KafkaScene&)> begin;
  std::function<void(KafkaScene&)> end;
  ClockOf clock = ClockOf::kNobody;
  int replicas = 1;  // of the world's topics
  // Looks at the page at the end of the fault; what is wrong with it, or nothing.
  std::function<std::string(const MetricsPage&)> expect = [](const MetricsPage&) { return ""; };
};

// Makes the world and the agent, and runs the trial. Does not throw.
Outcome Try(const KafkaFault& fault, const KafkaPlace& place);

// Faults of the network, which can be tried side by side on one broker, and those of a broker, its
// topics and groups; those of a broker with TLS, of one with a name, and of a cluster of three.
std::vector<KafkaFault> KafkaNetworkFaults();
std::vector<KafkaFault> KafkaServerFaults();
std::vector<KafkaFault> KafkaNameFaults();
std::vector<KafkaFault> KafkaTlsFaults();
std::vector<KafkaFault> KafkaClusterFaults();

}  // namespace streamgauge::test
