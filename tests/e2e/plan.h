// What is done to the world in each scenario, and which alerts must arrive, by when.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace streamgauge::test {

// Time runs so much faster than in production; see time_scale.h. With it a window of 5m is 15s.
inline constexpr int kTimeFactor = 20;

enum class Trouble : std::uint8_t {
  kStopped,          // the consumer ends
  kSlow,             // the consumer is slower than the producer
  kPoison,           // one message fails again and again
  kStuck,            // the consumer fails with everything that it has taken (Redis)
  kBurst,            // a burst that the consumer works off in time
  kBurstObjective,   // a burst that takes longer than the objective allows
  kNearLoss,         // trimming or retention comes near unread messages
  kLoss,             // unread messages are removed
  kServerKilled,     // while a group on it has waiting messages and no consumers
  kOneAgentKilled,   // while another one reports
  kAllAgentsKilled,  // so that nothing is known
  kStoppedUnseen,    // as kStopped, and then all agents are killed and come back
  kHealthy,          // restarts, rebalances and bursts, again and again
};

struct ExpectedAlert {
  std::string name;                      // without "Streamgauge"
  std::string path;                      // where it arrives: pager, chat
  std::chrono::seconds within;           // from the break to its arrival
  std::chrono::seconds resolved_within;  // from the cure until it has arrived as resolved
  std::string description;               // a regular expression: what it says, with its figures
  bool certain = true;                   // false: it may arrive, once; the plan says why
  bool before_cure = true;               // the cure waits until it has arrived
  std::size_t most = 1;                  // so often; every time it must be resolved, too
};

struct Plan {
  std::string name;    // a test's name: ConsumerStopped
  std::string system;  // redis, kafka; - for the agents themselves
  Trouble trouble;
  std::vector<ExpectedAlert> alerts;

  // The target in the agent's configuration that is this scenario's own: "ConsumerStopped-redis".
  std::string target() const { return name + "-" + system; }
};

void PrintTo(const Plan& plan, std::ostream* out);

const std::vector<Plan>& Plans();

}  // namespace streamgauge::test
