#include "e2e/plan.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

// The verdict's text, with every figure known: "backlog 312 messages, oldest unread 16.2s old, ..."
constexpr const char* kBacklog = "backlog [1-9][0-9]* messages, oldest unread [0-9ms .]+ old";

std::string Verdict() { return std::string(kBacklog) + ", active consumers: 1\\."; }

ExpectedAlert NoConsumers(seconds within) {
  return {"GroupNoConsumers", "pager", within, seconds(75), std::string(kBacklog) + "\\."};
}
ExpectedAlert Stalled() { return {"GroupStalled", "pager", seconds(35), seconds(75), Verdict()}; }
ExpectedAlert Poison() {
  return {"GroupPoisonMessage", "chat", seconds(35), seconds(45),
          "has been delivered [0-9]+ times without being acknowledged"};
}
ExpectedAlert FallingBehind() {
  return {"GroupFallingBehind", "chat", seconds(90), seconds(75), Verdict()};
}
ExpectedAlert LosingData(seconds within, const std::string& lost, const std::string& reached_in) {
  return {"GroupLosingData", "pager", within, seconds(90),
          "lost within the hour: at least " + lost +
              " messages; unread messages are reached in: " + reached_in};
}
// Held back while the loss goes on, and told when that is over: what was lost stays lost.
ExpectedAlert LostData() {
  return {.name = "GroupLostData",
          .path = "chat",
          .within = seconds(110),
          .resolved_within = seconds(240),
          .description = "At least [1-9][0-9]* messages .* were removed within the last hour",
          .before_cure = false};
}

// While nobody watches nothing arrives. When somebody does again, a verdict needs a window: what
// had fired has ended as unknown by then, is told as resolved once no cause holds that back, and
// comes once more if it is still so.
ExpectedAlert NoConsumersAndUnseen(seconds within) {
  ExpectedAlert alert = NoConsumers(within);
  alert.most = 2;
  return alert;
}

std::vector<ExpectedAlert> Objective() {
  const std::string missed =
      "missed its objective of 2s for [0-9.]+% of the time; oldest unread message: [0-9ms .]+ old";
  return {
      {"GroupObjectiveBurnFast", "pager", seconds(35), seconds(60), missed},
      // A warning may come before the page, and the slow rate outlasts the fast one: in the hour
      // that these three look at, the burst was most of what Prometheus has seen.
      {"GroupObjectiveAtRisk", "chat", seconds(60), seconds(90), "heading for", false, false},
      {"GroupObjectiveBurnSlow", "chat", seconds(150), seconds(210), missed, false, false},
  };
}

ExpectedAlert TargetUnreachable() {
  return {"TargetUnreachable", "pager", seconds(30), seconds(45),
          "No agent can read .*; the last success was [0-9ms .]+ ago"};
}

std::vector<Plan> MakePlans() {
  return {
      // Redis tells of consumers only when they have last read: one that ends is missed after a
      // window. A member that leaves a Kafka group is missed at once.
      {"ConsumerStopped", "redis", Trouble::kStopped, {NoConsumers(seconds(45))}},
      {"ConsumerStopped", "kafka", Trouble::kStopped, {NoConsumers(seconds(30))}},
      {"ConsumerSlow", "redis", Trouble::kSlow, {FallingBehind()}},
      {"ConsumerSlow", "kafka", Trouble::kSlow, {FallingBehind()}},
      // Redis can go on past a message that fails; a partition stands still behind it.
      {"PoisonMessage", "redis", Trouble::kPoison, {Poison()}},
      {"PoisonMessage", "kafka", Trouble::kPoison, {Stalled()}},
      {"ConsumerStuck", "redis", Trouble::kStuck, {Stalled(), Poison()}},
      {"BurstInTime", "redis", Trouble::kBurst, {}},
      {"BurstInTime", "kafka", Trouble::kBurst, {}},
      {"BurstBeyondObjective", "redis", Trouble::kBurstObjective, Objective()},
      {"BurstBeyondObjective", "kafka", Trouble::kBurstObjective, Objective()},
      {"TrimmingNear",
       "redis",
       Trouble::kNearLoss,
       {LosingData(seconds(40), "0", "[0-9ms .]+\\.")}},
      {"RetentionNear",
       "kafka",
       Trouble::kNearLoss,
       {LosingData(seconds(40), "0", "[0-9ms .]+\\.")}},
      {"DataLost",
       "redis",
       Trouble::kLoss,
       {LosingData(seconds(15), "[1-9][0-9]*", ".+"), LostData()}},
      {"DataLost",
       "kafka",
       Trouble::kLoss,
       {LosingData(seconds(15), "[1-9][0-9]*", ".+"), LostData()}},
      {"ServerKilled", "redis", Trouble::kServerKilled, {TargetUnreachable()}},
      {"ServerKilled", "kafka", Trouble::kServerKilled, {TargetUnreachable()}},
      {"OneAgentKilled",
       "-",
       Trouble::kOneAgentKilled,
       {{"AgentDown", "pager", seconds(30), seconds(45),
         "The Streamgauge agent 127.0.0.1:[0-9]+ \\(job streamgauge\\) cannot be scraped"}}},
      {"AllAgentsKilled",
       "-",
       Trouble::kAllAgentsKilled,
       {{"AgentDown", "pager", seconds(30), seconds(45),
         "Prometheus gets no figures from any Streamgauge agent"}}},
      {"StoppedWhileNobodyWatched",
       "redis",
       Trouble::kStoppedUnseen,
       {NoConsumersAndUnseen(seconds(45))}},
      {"StoppedWhileNobodyWatched",
       "kafka",
       Trouble::kStoppedUnseen,
       {NoConsumersAndUnseen(seconds(30))}},
      {"Healthy", "redis", Trouble::kHealthy, {}},
      {"Healthy", "kafka", Trouble::kHealthy, {}},
  };
}

}  // namespace

void PrintTo(const Plan& plan, std::ostream* out) { *out << plan.target(); }

const std::vector<Plan>& Plans() {
  static const std::vector<Plan> kPlans = MakePlans();
  return kPlans;
}

}  // namespace streamgauge::test
