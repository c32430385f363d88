// Alerts from the trouble to the receiver: real servers, the agent, Prometheus with the rules of
// alerts/, Alertmanager with the example's configuration. All scenarios of plan.cc run side by side
// in one world, once; the tests look at what has arrived.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <stdexcept>
#include <string>

#include "build_paths.h"
#include "e2e/report.h"
#include "e2e/world.h"
#include "support/require.h"

namespace streamgauge::test {
namespace {

using std::chrono::duration;
using std::chrono::seconds;

// The world after its run, made at the first use and taken down before the program ends.
class Run : public ::testing::Environment {
 public:
  static World& world() {
    // One that does not start would not start the next time either.
    if (!failure_.empty()) throw std::runtime_error(failure_);
    if (instance_) return *instance_;
    try {
      instance_ = std::make_unique<World>();
      instance_->Run();
    } catch (const std::exception& e) {
      failure_ = e.what();
      throw;
    }
    Show(Report(instance_->scenarios()));
    return *instance_;
  }
  void TearDown() override { instance_.reset(); }

 private:
  // On the terminal, and where the script that runs this looks for it.
  static void Show(const std::string& report) {
    fmt::print("\n{}\n", report);
    const char* file = std::getenv("STREAMGAUGE_E2E_REPORT");
    if (file == nullptr) return;
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file) << report;
  }

  static std::unique_ptr<World> instance_;
  static std::string failure_;
};
std::unique_ptr<World> Run::instance_;
std::string Run::failure_;
[[maybe_unused]] const auto* const kRun = ::testing::AddGlobalTestEnvironment(new Run);

std::string Sender(const AlertMessage& message) {
  std::string text = message.status + " " + message.path;
  for (const auto& [name, value] : message.labels) text += " " + name + "=" + value;
  return text;
}

class Alerts : public ::testing::TestWithParam<Plan> {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(World::Available(),
                        "redis-server, Kafka, prometheus or alertmanager: tools/setup.sh test");
    for (const Scenario& scenario : Run::world().scenarios()) {
      if (scenario.plan().target() == GetParam().target()) scenario_ = &scenario;
    }
    ASSERT_NE(scenario_, nullptr);
    ASSERT_TRUE(scenario_->broken_at()) << "the scenario never began";
  }

  const Scenario& scenario() const { return *scenario_; }
  const std::vector<ExpectedAlert>& expected() const { return scenario().plan().alerts; }

 private:
  const Scenario* scenario_ = nullptr;
};

TEST_P(Alerts, ArriveOnceAndInTime) {
  for (const ExpectedAlert& alert : expected()) {
    const Arrival& seen = scenario().arrival(alert);
    EXPECT_LE(seen.firing.size(), alert.most) << alert.name << " arrived too often";
    if (seen.firing.empty()) {
      EXPECT_FALSE(alert.certain) << alert.name << " never arrived\n" << Run::world().Complaints();
      continue;
    }
    EXPECT_LE(seen.firing.front().arrived - *scenario().broken_at(), alert.within) << alert.name;
    EXPECT_EQ(seen.firing.front().path, "/" + alert.path) << alert.name;
  }
}

TEST_P(Alerts, AreResolvedOnceAfterTheCure) {
  for (const ExpectedAlert& alert : expected()) {
    const Arrival& seen = scenario().arrival(alert);
    EXPECT_EQ(seen.resolved.size(), seen.firing.size()) << alert.name;
    if (seen.resolved.empty() || !scenario().cured_at()) continue;
    EXPECT_GT(seen.resolved.back().arrived, *scenario().cured_at()) << alert.name;
    EXPECT_LE(seen.resolved.back().arrived - *scenario().cured_at(), alert.resolved_within)
        << alert.name;
  }
}

TEST_P(Alerts, AreAllThatArrives) {
  for (const AlertMessage& message : scenario().unexpected()) ADD_FAILURE() << Sender(message);
  EXPECT_EQ(scenario().failure().value_or(""), "") << "the traffic broke";
}

void ExpectText(const AlertMessage& message, const std::string& name) {
  const auto found = message.annotations.find(name);
  const std::string text = found == message.annotations.end() ? "" : found->second;
  EXPECT_NE(text, "") << Sender(message) << ": no " << name;
  const std::regex unfinished(R"(<no value>|\{\{|\}\}|%!|<error|\bNaN\b|\n)");
  EXPECT_FALSE(std::regex_search(text, unfinished)) << name << ": " << text;
}

void ExpectLinks(const AlertMessage& message, const Plan& plan) {
  const std::string file = message.name() + ".md";
  EXPECT_EQ(message.annotations.at("runbook_url"),
            "https://streamgauge.example.com/docs/runbooks/" + file);
  EXPECT_TRUE(std::filesystem::exists(build_paths::Source() / "docs" / "runbooks" / file)) << file;

  const std::string& dashboard = message.annotations.at("dashboard_url");
  const std::regex url(R"(https://grafana\.example\.com/d/streamgauge-[a-z]+)"
                       R"((\?var-[a-z]+=[A-Za-z0-9%+._-]+(&var-[a-z]+=[A-Za-z0-9%+._-]+)*)?)");
  EXPECT_TRUE(std::regex_match(dashboard, url)) << dashboard;
  if (plan.system == "-") return;
  EXPECT_NE(dashboard.find("var-system=" + plan.system), std::string::npos) << dashboard;
  EXPECT_NE(dashboard.find("var-target=" + plan.target()), std::string::npos) << dashboard;
  if (message.labels.count("group") == 0) return;
  const std::string group = "var-group=" + plan.name + "+%26+partners";
  EXPECT_NE(dashboard.find(group), std::string::npos) << dashboard;
}

void ExpectLabels(const AlertMessage& message, const Plan& plan) {
  EXPECT_EQ(message.labels.at("severity"), message.path == "/pager" ? "critical" : "warning");
  if (plan.system == "-") return;
  EXPECT_EQ(message.labels.at("system"), plan.system);
  const bool of_group = message.name().starts_with("StreamgaugeGroup");
  for (const char* name : {"stream", "group"}) {
    EXPECT_EQ(message.labels.count(name), of_group ? 1U : 0U) << Sender(message);
  }
  for (const char* name : {"job", "instance", "state"}) {
    EXPECT_EQ(message.labels.count(name), 0U) << Sender(message);
  }
}

TEST_P(Alerts, TellWhatAndWhereWithEveryFigure) {
  for (const ExpectedAlert& alert : expected()) {
    for (const AlertMessage& message : scenario().arrival(alert).firing) {
      for (const char* name : {"summary", "description", "runbook_url", "dashboard_url"}) {
        ExpectText(message, name);
      }
      const std::string& description = message.annotations.at("description");
      EXPECT_TRUE(std::regex_search(description, std::regex(alert.description))) << description;
      ExpectLabels(message, scenario().plan());
      ExpectLinks(message, scenario().plan());
    }
  }
}

std::string TestName(const ::testing::TestParamInfo<Plan>& plan) {
  return plan.param.name + (plan.param.system == "-" ? "" : "_" + plan.param.system);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Alerts, ::testing::ValuesIn(Plans()), TestName);

class WholeRun : public ::testing::Test {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(World::Available(),
                        "redis-server, Kafka, prometheus or alertmanager: tools/setup.sh test");
  }
};

TEST_F(WholeRun, BringsNoMessageThatBelongsToNoScenario) {
  const auto& scenarios = Run::world().scenarios();
  for (const AlertMessage& message : Run::world().Messages()) {
    const bool known = std::any_of(scenarios.begin(), scenarios.end(),
                                   [&](const Scenario& s) { return s.Owns(message); });
    EXPECT_TRUE(known) << Sender(message);
  }
  for (const std::string& fault : Run::world().Faults()) ADD_FAILURE() << fault;
}

const Scenario& Find(Trouble trouble, const std::string& system) {
  const auto& scenarios = Run::world().scenarios();
  return *std::find_if(scenarios.begin(), scenarios.end(), [&](const Scenario& s) {
    return s.plan().trouble == trouble && s.plan().system == system;
  });
}

// What had fired ends as unknown meanwhile: nobody must be told that it is resolved.
TEST_F(WholeRun, TellsNothingOfGroupsWhileNoAgentReports) {
  const Scenario& away = Find(Trouble::kAllAgentsKilled, "-");
  const Arrival& told = away.arrival(away.plan().alerts.front());
  ASSERT_FALSE(told.firing.empty());
  ASSERT_TRUE(away.cured_at());
  for (const char* system : {"redis", "kafka"}) {
    const Scenario& unseen = Find(Trouble::kStoppedUnseen, system);
    for (const AlertMessage& message : Run::world().Messages()) {
      if (!unseen.Owns(message) || message.arrived < told.firing.front().arrived) continue;
      EXPECT_GT(message.arrived, *away.cured_at()) << Sender(message);
    }
  }
}

TEST_F(WholeRun, LastsLongEnoughForTheHealthyGroups) {
  for (const Scenario& scenario : Run::world().scenarios()) {
    if (scenario.plan().trouble != Trouble::kHealthy) continue;
    const auto watched = Clock::now() - *scenario.broken_at();
    EXPECT_GE(watched, std::chrono::minutes(2)) << "several minutes, an hour in its world";
  }
}

TEST_F(WholeRun, GivesEveryPanelOfTheDashboardsData) {
  Process* check = Run::world().dashboards_check();
  STREAMGAUGE_REQUIRE(check != nullptr, "tests/dashboards/live_check.py");
  const auto exit_code = check->Wait(seconds(120));
  ASSERT_TRUE(exit_code) << "it does not end";
  EXPECT_EQ(*exit_code, 0) << check->OutputTail(8000);
}

}  // namespace
}  // namespace streamgauge::test
