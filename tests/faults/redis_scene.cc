#include "faults/redis_scene.h"

#include <fmt/format.h>

#include <sstream>

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kPollInterval = 300ms;
constexpr auto kStaleAfter = 1200ms;

std::string Configuration(std::uint16_t port) {
  return fmt::format(
      "poll_interval: {}ms\n"
      "stale_after: {}ms\n"
      "signals: {{window: 10s}}\n"
      "targets:\n"
      "  - {{name: {}, type: redis, address: \"redis://127.0.0.1:{}\", timeout: 200ms, "
      "discovery_interval: 1s}}\n",
      kPollInterval.count(), kStaleAfter.count(), kWorldTarget, port);
}

RedisServerOptions OptionsFor(const RedisFault& fault, const ShiftedClock& clock) {
  RedisServerOptions options = fault.server;
  if (fault.shifts_clock) options.env = clock.Environment();
  return options;
}

}  // namespace

RedisScene::RedisScene(const RedisFault& fault) : server(OptionsFor(fault, clock)) {}

void RedisScene::DropAgent() {
  std::istringstream clients(admin.Command({"CLIENT", "LIST"}).text);
  for (std::string line; std::getline(clients, line);) {
    if (line.find("name=streamgauge") == std::string::npos) continue;
    const std::string id = line.substr(3, line.find(' ') - 3);
    admin.TryCommand({"CLIENT", "KILL", "ID", id});
  }
}

Outcome Try(const RedisFault& fault) {
  Outcome broken;
  broken.fault = fault.facts.name;
  try {
    RedisScene scene(fault);
    scene.admin.Command({"PING"});
    fault.prepare(scene);
    scene.agent.emplace(AgentOptions{.configuration = Configuration(scene.proxy.port()),
                                     .arguments = {},
                                     .env = {},
                                     .log_file = fault.log_file});
    std::string unexpected;
    const Stage stage{.agent = *scene.agent,
                      .world = scene.world,
                      .poll_interval = kPollInterval,
                      .stale_after = kStaleAfter,
                      .begin = [&] { fault.begin(scene); },
                      .end =
                          [&] {
                            if (!fault.facts.unanswered)
                              unexpected = fault.expect(scene.agent->Metrics());
                            fault.end(scene);
                          }};
    Outcome outcome = RunTrial(fault.facts, stage);
    if (!unexpected.empty()) {
      outcome.problems.push_back(unexpected + "\n" + scene.agent->process().OutputTail());
    }
    return outcome;
  } catch (const std::exception& e) {
    broken.problems.emplace_back(e.what());
  }
  return broken;
}

}  // namespace streamgauge::test
