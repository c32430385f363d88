// The demo, as `make demo` runs it: it is the first thing that a newcomer sees.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "build_paths.h"
#include "support/http_get.h"
#include "support/kafka_broker.h"
#include "support/monitoring.h"
#include "support/process.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

// "redis stalled" -> "stalled", from the last table that was printed whole.
std::map<std::string, std::string> LastTable(const std::string& output) {
  std::map<std::string, std::string> states;
  const std::size_t begin = output.rfind("\nSTATE ");
  if (begin == std::string::npos) return states;
  std::istringstream lines(output.substr(begin + 1));
  std::string line;
  std::getline(lines, line);  // the head
  while (std::getline(lines, line) && !line.empty()) {
    std::istringstream words(line);
    std::string state, system, stream, group;
    words >> state >> system >> stream >> group;
    states[system + " " + group] = state;
  }
  return states;
}

// Those with the folder in their environment, or that work in it (Redis overwrites the former).
std::size_t ProcessesOf(const std::string& folder) {
  const auto mentions = [&](const std::filesystem::directory_entry& entry) {
    std::error_code gone;
    const auto cwd = std::filesystem::read_symlink(entry.path() / "cwd", gone).string();
    return cwd.starts_with(folder) ||
           ReadFile(entry.path() / "environ").find(folder) != std::string::npos;
  };
  const std::filesystem::directory_iterator processes("/proc");
  return static_cast<std::size_t>(std::count_if(begin(processes), end(processes), mentions));
}

// Of "  alerts    http://127.0.0.1:PORT/alerts"; 0 when it was not printed.
std::uint16_t PortAfter(const std::string& word, const std::string& output) {
  std::smatch found;
  const std::regex line("\n  " + word + " +http://127\\.0\\.0\\.1:(\\d+)/");
  if (!std::regex_search(output, found, line)) return 0;
  return static_cast<std::uint16_t>(std::stoi(found.str(1)));
}

// "StreamgaugeGroupStalled redis stalled", of all alerts that are pending or fire.
std::set<std::string> AlertsOf(std::uint16_t prometheus) {
  std::set<std::string> alerts;
  const auto answer = nlohmann::json::parse(HttpGet(prometheus, "/api/v1/alerts").body);
  for (const auto& alert : answer.at("data").at("alerts")) {
    const auto& labels = alert.at("labels");
    alerts.insert(labels.at("alertname").get<std::string>() + " " + labels.value("system", "-") +
                  " " + labels.value("group", "-"));
  }
  return alerts;
}

// The arguments of "            build/streamgauge explain --config ...", as it was printed.
std::vector<std::string> PrintedCommand(const std::string& command, const std::string& output) {
  std::smatch found;
  const std::regex line("build/streamgauge (" + command + " .*)\n");
  if (!std::regex_search(output, found, line)) return {};
  std::istringstream words(found.str(1));
  return {std::istream_iterator<std::string>(words), {}};
}

void ExpectThePrintedCommandsWork(const std::string& output) {
  for (const std::string command : {"check", "explain"}) {
    std::vector<std::string> argv = PrintedCommand(command, output);
    ASSERT_FALSE(argv.empty()) << command;
    argv.insert(argv.begin(), build_paths::AgentBinary());
    const Finished finished = RunToEnd({.argv = argv, .env = {}, .cwd = {}}, seconds(60));
    EXPECT_EQ(finished.exit_code, 0) << finished.out << finished.err;
  }
}

void ExpectRulesAreSound(std::uint16_t prometheus) {
  const std::string rules = HttpGet(prometheus, "/api/v1/rules").body;
  EXPECT_NE(rules.find("\"health\":\"ok\""), std::string::npos) << rules;
  EXPECT_EQ(rules.find("\"health\":\"err\""), std::string::npos) << rules;
}

TEST(Demo, ShowsEveryConditionOnBothBackbonesAndLeavesNothingBehind) {
  STREAMGAUGE_REQUIRE(KafkaBroker::Available() && RedisServer::Available(RedisKind::kRedis) &&
                          Monitoring::Available(),
                      "redis-server, Kafka, prometheus or alertmanager: tools/setup.sh test");
  const TempDir dir("demo");
  const std::string temporary = dir.path();
  Process demo({.argv = {build_paths::Demo()}, .env = {{"TMPDIR", temporary}}, .cwd = {}});
  const std::map<std::string, std::string> wanted = {
      {"redis healthy", "ok"},
      {"kafka healthy", "ok"},
      {"redis slow", "falling_behind"},
      {"kafka slow", "falling_behind"},
      {"redis stalled", "stalled"},
      {"kafka stalled", "stalled"},
      {"redis no-consumers", "no_consumers"},
      {"kafka no-consumers", "no_consumers"},
  };
  const auto shown = [&] { return LastTable(demo.Stdout()) == wanted || !demo.Running(); };
  EXPECT_TRUE(WaitFor(shown, seconds(180), std::chrono::milliseconds(500)));
  ASSERT_TRUE(demo.Running()) << demo.OutputTail();
  EXPECT_EQ(LastTable(demo.Stdout()), wanted) << demo.OutputTail();
  EXPECT_EQ(ProcessesOf(temporary), 6U)
      << "itself, Redis, Kafka, the agent, Prometheus and Alertmanager";

  const std::uint16_t prometheus = PortAfter("alerts", demo.Stdout());
  ASSERT_NE(prometheus, 0) << demo.OutputTail();
  const std::set<std::string> troubles = {"StreamgaugeGroupStalled redis stalled",
                                          "StreamgaugeGroupStalled kafka stalled",
                                          "StreamgaugeGroupNoConsumers redis no-consumers",
                                          "StreamgaugeGroupNoConsumers kafka no-consumers",
                                          "StreamgaugeGroupFallingBehind redis slow",
                                          "StreamgaugeGroupFallingBehind kafka slow",
                                          "StreamgaugeGroupObjectiveAtRisk redis slow",
                                          "StreamgaugeGroupObjectiveAtRisk kafka slow"};
  std::set<std::string> alerts;
  const auto told = [&] {
    alerts = AlertsOf(prometheus);
    return std::includes(alerts.begin(), alerts.end(), troubles.begin(), troubles.end());
  };
  EXPECT_TRUE(WaitFor(told, seconds(60), std::chrono::milliseconds(500)))
      << ::testing::PrintToString(alerts);
  for (const std::string& alert : alerts) {
    EXPECT_EQ(alert.find(" healthy"), std::string::npos) << alert;
  }
  ExpectRulesAreSound(prometheus);
  ExpectThePrintedCommandsWork(demo.Stdout());

  EXPECT_EQ(demo.Stop(seconds(60)), 0) << demo.OutputTail();
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
  EXPECT_EQ(ProcessesOf(temporary), 0U);
}

}  // namespace
}  // namespace streamgauge::test
