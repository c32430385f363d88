// All servers, agents and scenarios of one run, side by side, so that the run takes as long as the
// longest of them.
//
// Two Redis servers and two Kafka brokers: of each one that stays and one that is killed. Three
// agents: one that watches everything, one beside it that is killed, and one with a Prometheus of
// its own, as nothing else could be told while no agent at all reports.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "e2e/scenario.h"
#include "support/agent_process.h"
#include "support/kafka_broker.h"
#include "support/monitoring.h"
#include "support/process.h"
#include "support/redis_server.h"

namespace streamgauge::test {

// For one thread, which must live as long (process.h).
class World {
 public:
  static bool Available();

  // Starts everything; throws std::runtime_error when something does not start.
  World();

  // Runs every scenario to its end, or gives up after some minutes.
  void Run();

  const std::vector<Scenario>& scenarios() const { return scenarios_; }
  // All that has arrived.
  std::vector<AlertMessage> Messages() const;
  std::vector<std::string> Faults() const;
  // What the servers and agents said, for the message of a failure.
  std::string Complaints() const;
  // tests/dashboards/live_check.py, run while much is broken: then there is most to show.
  Process* dashboards_check() { return dashboards_check_.get(); }

 private:
  void AddTrafficScenario(const Plan& plan);
  void AddServerScenario(const Plan& plan);
  void AddAgentScenario(const Plan& plan);
  // Adds the scenario's target to an agent's configuration.
  void AddTarget(const Plan& plan, const std::string& stream);
  void StartAgents();
  void OrderScenarios();
  void CheckDashboards();
  Scenario& Find(Trouble trouble, const std::string& system);
  bool Done() const;

  RedisServer redis_, mortal_redis_;
  KafkaBroker kafka_, mortal_kafka_;
  std::string targets_, second_targets_, lonely_targets_;  // of the agents' configurations
  std::vector<Scenario> scenarios_;
  std::optional<AgentProcess> agent_, second_agent_, lonely_agent_;
  std::optional<Monitoring> monitoring_, lonely_monitoring_;
  std::unique_ptr<Process> dashboards_check_;
};

}  // namespace streamgauge::test
