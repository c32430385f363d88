#include "e2e/world.h"

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "build_paths.h"
#include "e2e/kafka_traffic.h"
#include "e2e/redis_traffic.h"
#include "e2e/time_scale.h"

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Until every verdict is known and settled: a window (15s) and a little.
constexpr seconds kWarmUp{22};
// Before the break; less than StreamgaugeGroupNoConsumers waits, as what begins then must not fire.
constexpr seconds kPrelude{6};
constexpr seconds kDashboardsCheckedAfter{60};
constexpr seconds kGiveUpAfter{300};  // from the break

// What a page holds back must have had time to fire: StreamgaugeGroupFallingBehind waits for 45s.
constexpr seconds kPageHoldsBackFor{75};

// So that an agent that comes back finds alerts as resolved that had been held back meanwhile.
constexpr seconds kAgentsAwayFor{50};
// Until they have fired again: a window, and what StreamgaugeGroupNoConsumers waits.
constexpr seconds kWatchedAgainFor{45};

// Names that a link must escape.
TrafficNames NamesOf(const Plan& plan) {
  const bool redis = plan.system == "redis";
  return {redis ? "orders:" + plan.name + " & co" : "orders." + plan.name,
          plan.name + " & partners"};
}

// Windows as long as the default ones, divided by kTimeFactor (plan.h).
std::string Configuration(const std::string& targets) {
  return "poll_interval: 1s\n"
         "stale_after: 3s\n"
         "signals: {window: 15s, pending_window: 90s, dead_after: 30s, loss_horizon: 90s}\n"
         "targets:\n" +
         targets;
}

constexpr const char* kObjectives =
    "objectives:\n"
    "  - {target: \"BurstBeyondObjective-*\", lag_seconds: 2}\n"
    "  - {target: \"Healthy-*\", lag_seconds: 15}\n";

std::optional<int> MaxLengthOf(Trouble trouble) {
  if (trouble == Trouble::kNearLoss) return 2000;
  if (trouble == Trouble::kHealthy) return 500;
  return std::nullopt;
}

KafkaTopicOptions TopicFor(Trouble trouble) {
  if (trouble == Trouble::kNearLoss)
    return {.partitions = 1, .config = {{"retention.ms", "60000"}}};
  if (trouble == Trouble::kHealthy) return {.partitions = 3, .config = {}};
  return {};
}

}  // namespace

bool World::Available() {
  return RedisServer::Available(RedisKind::kRedis) && KafkaBroker::Available() &&
         AgentProcess::Available() && Monitoring::Available();
}

World::World() {
  scenarios_.reserve(Plans().size());
  for (const Plan& plan : Plans()) {
    if (plan.system == "-") continue;
    if (plan.trouble == Trouble::kServerKilled) {
      AddServerScenario(plan);
    } else {
      AddTrafficScenario(plan);
    }
  }
  StartAgents();
  for (const Plan& plan : Plans()) {
    if (plan.system == "-") AddAgentScenario(plan);
  }
  OrderScenarios();
}

void World::AddTrafficScenario(const Plan& plan) {
  const TrafficNames names = NamesOf(plan);
  std::unique_ptr<Traffic> traffic;
  if (plan.system == "redis") {
    traffic = std::make_unique<RedisTraffic>(redis_.port(), names, MaxLengthOf(plan.trouble));
  } else {
    traffic = std::make_unique<KafkaTraffic>(kafka_.bootstrap(), names, TopicFor(plan.trouble));
  }
  scenarios_.emplace_back(plan, TrafficTrouble(plan.trouble, std::move(traffic)));
  AddTarget(plan, names.stream);
}

void World::AddServerScenario(const Plan& plan) {
  const TrafficNames names = NamesOf(plan);
  scenarios_.emplace_back(plan, plan.system == "redis" ? KilledRedis(mortal_redis_, names)
                                                       : KilledKafka(mortal_kafka_, names));
  AddTarget(plan, names.stream);
}

void World::AddTarget(const Plan& plan, const std::string& stream) {
  const bool mortal = plan.trouble == Trouble::kServerKilled;
  std::string& targets = plan.trouble == Trouble::kStoppedUnseen ? lonely_targets_ : targets_;
  targets += "  - {name: " + plan.target() + ", type: " + plan.system + ", timeout: 900ms, ";
  if (plan.system == "redis") {
    targets += "address: \"redis://" + (mortal ? mortal_redis_ : redis_).address() + "\"";
  } else {
    targets += "brokers: [\"" + (mortal ? mortal_kafka_ : kafka_).bootstrap() + "\"]";
  }
  targets += ", streams: {include: [\"" + stream + "\"]}}\n";
}

void World::StartAgents() {
  const auto start = [](std::optional<AgentProcess>& agent, const std::string& targets) {
    agent.emplace(
        AgentOptions{.configuration = Configuration(targets), .arguments = {}, .env = {}});
  };
  start(agent_, targets_ + kObjectives);
  start(second_agent_, "  - {name: beside, type: redis, timeout: 900ms, address: \"redis://" +
                           redis_.address() + "\", streams: {include: [\"none*\"]}}\n");
  start(lonely_agent_, lonely_targets_);
  for (auto* agent : {&agent_, &second_agent_, &lonely_agent_}) (*agent)->WaitUntilReady();
  const auto faster = [](const std::string& yaml) { return Faster(yaml, kTimeFactor); };
  monitoring_.emplace(
      MonitoringOptions{.agents = {agent_->port(), second_agent_->port()}, .change = faster});
  lonely_monitoring_.emplace(
      MonitoringOptions{.agents = {lonely_agent_->port()}, .change = faster});
}

void World::AddAgentScenario(const Plan& plan) {
  const bool one = plan.trouble == Trouble::kOneAgentKilled;
  scenarios_.emplace_back(plan, KilledAgent(one ? *second_agent_ : *lonely_agent_));
}

// Groups without consumers are known and told; then the only agent goes and comes back. Nothing
// must be told of them meanwhile, and their end must be.
void World::OrderScenarios() {
  Scenario& killed = Find(Trouble::kAllAgentsKilled, "-");
  Scenario& redis = Find(Trouble::kStoppedUnseen, "redis");
  Scenario& kafka = Find(Trouble::kStoppedUnseen, "kafka");
  killed.BreakOnlyWhen([&](auto) { return redis.AllArrived() && kafka.AllArrived(); });
  killed.CureOnlyWhen([&](auto now) { return now - *killed.broken_at() >= kAgentsAwayFor; });
  for (Scenario& scenario : scenarios_) {
    const Trouble trouble = scenario.plan().trouble;
    if (trouble != Trouble::kStopped && trouble != Trouble::kStuck) continue;
    scenario.CureOnlyWhen(
        [&](auto now) { return now - *scenario.broken_at() >= kPageHoldsBackFor; });
  }
  for (Scenario* stopped : {&redis, &kafka}) {
    stopped->CureOnlyWhen([&killed](auto now) {
      return killed.Done() && now - *killed.cured_at() >= kWatchedAgainFor;
    });
  }
}

Scenario& World::Find(Trouble trouble, const std::string& system) {
  return *std::find_if(scenarios_.begin(), scenarios_.end(), [&](const Scenario& scenario) {
    return scenario.plan().trouble == trouble && scenario.plan().system == system;
  });
}

void World::Run() {
  const auto began = Clock::now();
  std::this_thread::sleep_for(kWarmUp - kPrelude);
  for (Scenario& scenario : scenarios_) scenario.Prelude();
  std::this_thread::sleep_until(began + kWarmUp);
  while (!Done() && Clock::now() < began + kWarmUp + kGiveUpAfter) {
    for (Scenario& scenario : scenarios_) scenario.Step(Clock::now(), Messages());
    if (Clock::now() >= began + kWarmUp + kDashboardsCheckedAfter) CheckDashboards();
    std::this_thread::sleep_for(milliseconds(100));
  }
}

bool World::Done() const {
  return std::all_of(scenarios_.begin(), scenarios_.end(),
                     [](const Scenario& scenario) { return scenario.Done(); });
}

void World::CheckDashboards() {
  const auto script = build_paths::Source() / "tests" / "dashboards" / "live_check.py";
  if (dashboards_check_ || !std::filesystem::exists(script)) return;
  const std::string url = "http://127.0.0.1:" + std::to_string(monitoring_->prometheus().port());
  dashboards_check_ =
      std::make_unique<Process>(ProcessOptions{.argv = {"/usr/bin/python3", script, url},
                                               .env = {{"PYTHONDONTWRITEBYTECODE", "1"}},
                                               .cwd = {}});
}

std::vector<AlertMessage> World::Messages() const {
  std::vector<AlertMessage> all = monitoring_->receiver().Messages();
  std::vector<AlertMessage> lonely = lonely_monitoring_->receiver().Messages();
  std::move(lonely.begin(), lonely.end(), std::back_inserter(all));
  return all;
}

std::vector<std::string> World::Faults() const {
  std::vector<std::string> all = monitoring_->receiver().Faults();
  for (auto& fault : lonely_monitoring_->receiver().Faults()) all.push_back(std::move(fault));
  return all;
}

std::string World::Complaints() const {
  std::string text = monitoring_->Complaints() + lonely_monitoring_->Complaints();
  for (const auto* agent : {&agent_, &second_agent_, &lonely_agent_}) {
    text += "agent:\n" + (*agent)->Log().substr(0, 4000) + "\n";
  }
  return text;
}

}  // namespace streamgauge::test
