#include "faults/kafka_scene.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kPollInterval = 500ms;
constexpr auto kStaleAfter = 1500ms;

std::string Configuration(std::uint16_t port, const std::string& prefix) {
  return fmt::format(
      "poll_interval: {}ms\n"
      "stale_after: {}ms\n"
      "signals: {{window: 10s}}\n"
      "targets:\n"
      "  - {{name: {}, type: kafka, brokers: [\"127.0.0.1:{}\"], timeout: 400ms, "
      "streams: {{include: [\"{}*\"]}}, groups: {{include: [\"{}*\"]}}}}\n",
      kPollInterval.count(), kStaleAfter.count(), kWorldTarget, port, prefix, prefix);
}

// Every scene's topics and groups are its own.
std::string NextPrefix() {
  static std::atomic<int> scenes = 0;
  return fmt::format("scene{}-", ++scenes);
}

}  // namespace

Outcome Try(const KafkaFault& fault, KafkaScene scene) {
  Outcome broken;
  broken.fault = fault.facts.name;
  try {
    const std::string prefix = NextPrefix();
    KafkaWorld world(scene.broker.bootstrap(), prefix, kStaleAfter, kPollInterval);
    AgentProcess agent({.configuration = Configuration(scene.proxy.port(), prefix),
                        .arguments = {},
                        .env = {},
                        .log_file = {}});
    const Stage stage{.agent = agent,
                      .world = world,
                      .poll_interval = kPollInterval,
                      .stale_after = kStaleAfter,
                      .begin = [&] { fault.begin(scene); },
                      .end = [&] { fault.end(scene); }};
    Outcome outcome = RunTrial(fault.facts, stage);
    scene.proxy.Heal();
    return outcome;
  } catch (const std::exception& e) {
    broken.problems.emplace_back(e.what());
  }
  scene.proxy.Heal();
  return broken;
}

}  // namespace streamgauge::test
