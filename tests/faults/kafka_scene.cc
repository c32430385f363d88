#include "faults/kafka_scene.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kPollInterval = 500ms * kSlowdown;
constexpr auto kTimeout = 400ms * kSlowdown;

std::string Brokers(const KafkaPlace& place) {
  if (place.proxy != nullptr) return fmt::format("\"{}:{}\"", place.host, place.proxy->port());
  std::string list;
  for (int i = 0; i < place.cluster->size(); ++i) {
    list += fmt::format("\"{}\", ", place.cluster->broker(static_cast<std::size_t>(i)).bootstrap());
  }
  return list;
}

std::string Properties(const KafkaPlace& place) {
  if (place.tls == nullptr) return "";
  const TlsFiles::Paths files = place.tls->files.agent();
  return fmt::format(
      ", properties: {{security.protocol: SSL, ssl.ca.location: {}, ssl.certificate.location: {}, "
      "ssl.key.location: {}}}",
      files.ca.string(), files.own.cert.string(), files.own.key.string());
}

std::string Configuration(const KafkaPlace& place, const std::string& prefix) {
  // In a cluster the world rests for more than 10 s: groups would be said to have no consumers, and
  // rightly.
  const int window = place.cluster != nullptr ? 40 : 10;
  return fmt::format(
      "poll_interval: {}ms\n"
      "stale_after: {}ms\n"
      "signals: {{window: {}s}}\n"
      "targets:\n"
      "  - {{name: {}, type: kafka, brokers: [{}], timeout: {}ms, "
      "streams: {{include: [\"{}*\"]}}, groups: {{include: [\"{}*\"]}}{}}}\n",
      kPollInterval.count(), place.stale_after.count(), window, kWorldTarget, Brokers(place),
      kTimeout.count(), prefix, prefix, Properties(place));
}

std::map<std::string, std::string> AgentEnvironment(const KafkaFault& fault,
                                                    const KafkaScene& scene) {
  if (fault.clock == ClockOf::kAgent) return scene.clock.Environment();
  if (scene.host.ends_with(".test")) return scene.names.Environment();
  return {};
}

// Every scene's topics and groups are its own.
std::string NextPrefix() {
  static std::atomic<int> scenes = 0;
  return fmt::format("scene{}-", ++scenes);
}

}  // namespace

std::filesystem::path KafkaTls::Store(const CertificateFiles& shown) const {
  return folder.Write("store.pem", ReadFile(shown.key) + ReadFile(shown.cert));
}

Outcome Try(const KafkaFault& fault, const KafkaPlace& place) {
  Outcome outcome;
  outcome.fault = fault.facts.name;
  try {
    const std::string prefix = NextPrefix();
    KafkaScene scene(place);
    const std::string bootstrap =
        place.cluster != nullptr ? place.cluster->bootstrap() : place.broker.bootstrap();
    scene.world = std::make_unique<KafkaWorld>(bootstrap, prefix, place.stale_after, kPollInterval,
                                               kWorldTarget, fault.replicas);
    AgentProcess agent({.configuration = Configuration(place, prefix),
                        .arguments = {},
                        .env = AgentEnvironment(fault, scene),
                        .log_file = {}});
    std::string unexpected;
    Stage stage{.agent = agent,
                .world = *scene.world,
                .poll_interval = kPollInterval,
                .stale_after = place.stale_after,
                .begin = [&] { fault.begin(scene); },
                .end =
                    [&] {
                      unexpected = fault.expect(agent.Metrics());
                      fault.end(scene);
                    }};
    if (fault.clock == ClockOf::kAgent) stage.agent_clock = &scene.clock;
    outcome = RunTrial(fault.facts, stage);
    if (!unexpected.empty()) outcome.problems.push_back(unexpected);
  } catch (const std::exception& e) {
    outcome.problems.emplace_back(e.what());
  }
  if (place.proxy != nullptr) place.proxy->Heal();
  return outcome;
}

}  // namespace streamgauge::test
