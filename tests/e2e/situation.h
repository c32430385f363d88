// What a scenario does to the world. World calls the methods, all from one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "e2e/plan.h"
#include "e2e/traffic.h"
#include "support/agent_process.h"
#include "support/kafka_broker.h"
#include "support/redis_server.h"

namespace streamgauge::test {

class Situation {
 public:
  virtual ~Situation() = default;

  virtual void Prelude() {}  // a few seconds before Break
  virtual void Break() {}
  virtual void GoOn() {}  // every 2 seconds from Break on
  virtual void Cure() {}
  // What has broken unintended.
  virtual std::optional<std::string> failure() const { return std::nullopt; }
};

std::unique_ptr<Situation> TrafficTrouble(Trouble trouble, std::unique_ptr<Traffic> traffic);

// The server has a group with a backlog and no consumers when it is killed: an alert on that must
// not arrive. It comes back without that backlog. The server must outlive the result.
std::unique_ptr<Situation> KilledRedis(RedisServer& server, TrafficNames names);
std::unique_ptr<Situation> KilledKafka(KafkaBroker& broker, TrafficNames names);

// The agent must outlive the result.
std::unique_ptr<Situation> KilledAgent(AgentProcess& agent);

}  // namespace streamgauge::test
