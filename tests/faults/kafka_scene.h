// Where a Kafka fault happens: topics of their own on a broker that several scenes may share, and
// an agent that reaches it through a proxy.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "faults/fault.h"
#include "faults/kafka_world.h"
#include "faults/trial.h"
#include "support/agent_process.h"
#include "support/fault_proxy.h"
#include "support/kafka_broker.h"

namespace streamgauge::test {

struct KafkaScene {
  KafkaBroker& broker;
  FaultProxy& proxy;
};

struct KafkaFault {
  FaultFacts facts;
  std::function<void(KafkaScene&)> begin;
  std::function<void(KafkaScene&)> end;
};

// Makes the world and the agent, and runs the trial. Does not throw.
Outcome Try(const KafkaFault& fault, KafkaScene scene);

// Faults of the network, which can be tried side by side on one broker, and those of a broker.
std::vector<KafkaFault> KafkaNetworkFaults();
std::vector<KafkaFault> KafkaServerFaults();

}  // namespace streamgauge::test
