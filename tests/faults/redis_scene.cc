#include "faults/redis_scene.h"

#include <fmt/format.h>

#include <sstream>

#include "faults/sanitized.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kPollInterval = 300ms * kSlowdown;
constexpr auto kStaleAfter = 1200ms * kSlowdown;
constexpr auto kTimeout = 200ms * kSlowdown;

std::string Configuration(const std::string& target) {
  return fmt::format(
      "poll_interval: {}ms\n"
      "stale_after: {}ms\n"
      "signals: {{window: 10s}}\n"
      "targets:\n"
      "  - {{name: {}, type: redis, {}, timeout: {}ms, discovery_interval: 1s}}\n",
      kPollInterval.count(), kStaleAfter.count(), kWorldTarget, target, kTimeout.count());
}

std::string TargetOf(const RedisFault& fault, RedisScene& scene) {
  if (fault.target) return fault.target(scene);
  if (fault.by_tls) {
    const TlsFiles::Paths files = scene.tls->agent();
    return fmt::format(
        "address: \"rediss://127.0.0.1:{}\", tls: {{ca_file: {}, cert_file: {}, key_file: {}}}",
        scene.proxy.port(), files.ca.string(), files.own.cert.string(), files.own.key.string());
  }
  return fmt::format("address: \"redis://{}:{}\"", fault.by_name ? "redis.test" : "127.0.0.1",
                     scene.proxy.port());
}

RedisServerOptions OptionsFor(const RedisFault& fault, const RedisScene& scene) {
  RedisServerOptions options = fault.server;
  if (fault.clock == ClockOf::kServer) options.env = scene.clock.Environment();
  if (fault.by_tls) {
    const CertificateFiles own = scene.tls->server();
    options.tls_port = true;
    options.arguments = {"--tls-ca-cert-file", scene.tls->authority().cert(),
                         "--tls-cert-file",    own.cert,
                         "--tls-key-file",     own.key};
  }
  return options;
}

std::map<std::string, std::string> AgentEnvironment(const RedisFault& fault,
                                                    const RedisScene& scene) {
  if (fault.by_name) return scene.names.Environment();
  if (fault.clock == ClockOf::kAgent) return scene.clock.Environment();
  return {};
}

// Of the cluster's first node: with it in braces, all streams are there.
std::string PrefixOf(RedisScene& scene) {
  return scene.cluster ? "{" + scene.cluster->KeyOn(0, "world") + "}" : "";
}

RedisServer& ServerOf(const RedisFault& fault, RedisScene& scene) {
  if (fault.by_tls) scene.tls.emplace();
  if (!fault.in_cluster) return scene.alone.emplace(OptionsFor(fault, scene));
  scene.cluster.emplace(RedisClusterOptions{.replicas_of = {0}});
  return scene.cluster->node(0);
}

}  // namespace

RedisScene::RedisScene(const RedisFault& fault)
    : server(ServerOf(fault, *this)),
      world(server.port(), kWorldTarget, PrefixOf(*this)),
      proxy(fault.by_tls ? server.tls_port() : server.port()) {}

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
    scene.agent.emplace(AgentOptions{.configuration = Configuration(TargetOf(fault, scene)),
                                     .arguments = {},
                                     .env = AgentEnvironment(fault, scene),
                                     .log_file = fault.log_file});
    std::string unexpected;
    Stage stage{.agent = *scene.agent,
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
    if (fault.over) stage.over = [&] { return fault.over(scene); };
    if (fault.clock == ClockOf::kAgent) stage.agent_clock = &scene.clock;
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
