// `make demo`: real servers with groups in every condition, the agent, and what the agent says of
// them. Everything is started on loopback ports that are free, in a temporary folder, and goes when
// this ends, however it ends.
//
//   DEMO=redis           leave Kafka out
//   DEMO_MONITORING=no   leave Prometheus and Alertmanager out
//   DEMO_SECONDS=60      stop after that time instead of at Ctrl-C

#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "alert_lines.h"
#include "group_table.h"
#include "kafka_workload.h"
#include "redis_workload.h"
#include "support/agent_process.h"
#include "support/kafka_broker.h"
#include "support/monitoring.h"
#include "support/redis_server.h"

namespace streamgauge::demo {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

volatile sig_atomic_t stop_requested = 0;

void StopOnSignals() {
  struct sigaction action{};
  action.sa_handler = [](int) { stop_requested = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second Ctrl-C ends it at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

struct Stopped {};  // thrown between two steps of the start

void Say(const std::string& text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

void BeginStep(std::string_view what) {
  if (stop_requested != 0) throw Stopped();
  Say(fmt::format("demo: {} ...", what));
}

struct DemoOptions {
  bool kafka = true;
  bool monitoring = true;
  std::optional<seconds> duration;
};

DemoOptions OptionsFromEnvironment() {
  DemoOptions options;
  const auto get = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  const std::string which = get("DEMO");
  if (!which.empty() && which != "redis") {
    throw std::runtime_error("DEMO is '" + which + "': only 'redis' can be asked for");
  }
  options.kafka = which.empty();
  const std::string monitoring = get("DEMO_MONITORING");
  if (!monitoring.empty() && monitoring != "no") {
    throw std::runtime_error("DEMO_MONITORING is '" + monitoring + "': only 'no' means something");
  }
  options.monitoring = monitoring.empty();
  if (const std::string duration = get("DEMO_SECONDS"); !duration.empty()) {
    char* end = nullptr;
    options.duration = seconds(std::strtol(duration.c_str(), &end, 10));
    if (*end != '\0' || options.duration <= seconds(0)) {
      throw std::runtime_error("DEMO_SECONDS is '" + duration + "': a number of seconds is needed");
    }
  }
  return options;
}

std::string Configuration(const test::RedisServer& redis, const test::KafkaBroker* kafka) {
  // Windows are shorter than anybody would want them in earnest, so that states show soon.
  std::string text =
      "poll_interval: 1s\n"
      "signals: {window: 20s, pending_window: 40s, dead_after: 60s}\n"
      "objectives: [{lag_seconds: 30}]\n"
      "targets:\n"
      "  - {name: checkout, type: redis, address: \"redis://" +
      redis.address() + "/0\"}\n";
  if (kafka != nullptr) {
    text += "  - {name: events, type: kafka, brokers: [\"" + kafka->bootstrap() + "\"]}\n";
  }
  return text;
}

// Everything that runs. Members are destroyed in the opposite order: traffic before servers.
class Demo {
 public:
  explicit Demo(const DemoOptions& options) {
    BeginStep("starting redis-server");
    redis_.emplace();
    if (options.kafka) {
      BeginStep("starting Apache Kafka (about 10 seconds)");
      kafka_.emplace();
    }
    BeginStep("starting the traffic");
    redis_traffic_.emplace(redis_->port());
    if (kafka_) kafka_traffic_.emplace(kafka_->bootstrap());
    BeginStep("starting streamgauge");
    agent_.emplace(test::AgentOptions{Configuration(*redis_, kafka_ ? &*kafka_ : nullptr), {}, {}});
    agent_->WaitUntilReady();
    if (!options.monitoring) return;
    if (!test::Monitoring::Available()) {
      throw std::runtime_error(
          "prometheus or alertmanager is missing: install them, or set DEMO_MONITORING=no");
    }
    BeginStep("starting Prometheus and Alertmanager with the rules of alerts/");
    monitoring_.emplace(
        test::MonitoringOptions{.agents = {agent_->port()}, .interval = "2s", .change = nullptr});
    alerts_.emplace(monitoring_->receiver());
  }

  std::string Addresses() const {
    std::string text = fmt::format(
        "\n"
        "  page      http://127.0.0.1:{0}/\n"
        "  metrics   http://127.0.0.1:{0}/metrics\n"
        "  groups    http://127.0.0.1:{0}/api/v1/groups\n"
        "  Redis     127.0.0.1:{1}   (redis-cli -p {1} xinfo groups orders)\n",
        agent_->port(), redis_->port());
    if (kafka_) text += fmt::format("  Kafka     {}\n", kafka_->bootstrap());
    text += fmt::format(
        "\n"
        "  config    {0}\n"
        "  try       build/streamgauge check --config {0}\n"
        "            build/streamgauge explain --config {0} checkout orders stalled\n",
        agent_->config_file().string());
    if (monitoring_) text += MonitoringAddresses();
    return text;
  }

  std::string Table() const { return GroupTable(agent_->Metrics()); }
  std::string NewAlerts() { return alerts_ ? alerts_->Next() : ""; }

  // Throws what has broken, if something has.
  void Check() {
    if (!agent_->process().Running()) {
      throw std::runtime_error("streamgauge has ended:\n" + agent_->process().OutputTail());
    }
    if (monitoring_ && !monitoring_->Failure().empty()) {
      throw std::runtime_error(monitoring_->Failure());
    }
    if (auto failure = redis_traffic_->failure()) throw std::runtime_error(*failure);
    if (!kafka_traffic_) return;
    if (auto failure = kafka_traffic_->failure()) throw std::runtime_error(*failure);
  }

 private:
  std::string MonitoringAddresses() const {
    return fmt::format(
        "\n"
        "  rules     http://127.0.0.1:{0}/rules\n"
        "  alerts    http://127.0.0.1:{0}/alerts   (the first ones fire after two minutes)\n"
        "  messages  http://127.0.0.1:{1}/\n"
        "  Grafana   add a Prometheus data source, http://127.0.0.1:{0}, and import\n"
        "            dashboards/*.json (Dashboards, New, Import)\n",
        monitoring_->prometheus().port(), monitoring_->alertmanager().port());
  }

  std::optional<test::RedisServer> redis_;
  std::optional<test::KafkaBroker> kafka_;
  std::optional<test::AgentProcess> agent_;
  std::optional<test::Monitoring> monitoring_;
  std::optional<AlertLines> alerts_;
  std::optional<RedisWorkload> redis_traffic_;
  std::optional<KafkaWorkload> kafka_traffic_;
};

void ShowUntilStopped(Demo& demo, std::optional<seconds> duration) {
  constexpr seconds kBetweenTables{5};
  const auto began = Clock::now();
  auto next_table = began;
  while (stop_requested == 0 && (!duration || Clock::now() < began + *duration)) {
    std::this_thread::sleep_for(milliseconds(100));
    demo.Check();
    fmt::print("{}", demo.NewAlerts());
    if (Clock::now() < next_table) continue;
    next_table += kBetweenTables;
    const auto age = std::chrono::duration_cast<seconds>(Clock::now() - began);
    fmt::print("\nafter {} s\n{}", age.count(), demo.Table());
    std::fflush(stdout);
  }
}

int Run() {
  StopOnSignals();
  const DemoOptions options = OptionsFromEnvironment();
  try {
    Demo demo(options);
    Say(demo.Addresses());
    Say(options.duration ? fmt::format("  stops after {} s", options.duration->count())
                         : "  Ctrl-C stops everything");
    Say("  the groups are named after their condition; the states show within a minute");
    ShowUntilStopped(demo, options.duration);
    Say("\ndemo: stopping ...");
  } catch (const Stopped&) {
    Say("\ndemo: stopping ...");
  }
  Say("demo: stopped");
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace streamgauge::demo

int main() {
  try {
    return streamgauge::demo::Run();
  } catch (const std::exception& e) {
    fmt::print(stderr, "demo: {}\n", e.what());
    return EXIT_FAILURE;
  }
}
