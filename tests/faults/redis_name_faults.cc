// The name in a Redis target's address stops resolving, or resolves to somebody else. What is
// connected stays so: each of these begins when the connection is lost.
#include <stdexcept>

#include "faults/redis_scene.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kElsewhere = "127.0.0.2";

// An empty server at another address, on the same port.
void StartElsewhere(RedisScene& scene) {
  scene.folder = std::make_unique<TempDir>("elsewhere");
  const auto program = RedisServer::Program(RedisKind::kRedis);
  scene.other = std::make_unique<Process>(ProcessOptions{
      .argv = {program->string(), "--bind", kElsewhere, "--port",
               std::to_string(scene.proxy.port()), "--save", "", "--dir", scene.folder->path()}});
  const bool ready = WaitFor(
      [&] { return scene.other->Stdout().find("Ready to accept") != std::string::npos; }, 20s);
  if (!ready) throw std::runtime_error("no other server: " + scene.other->OutputTail());
}

}  // namespace

std::vector<RedisFault> RedisNameFaults() {
  return {
      {.facts = {.name = "DNS: the name is gone",
                 .injected = "the address' name does not exist, the agent's connection is killed",
                 .seen = "down, `unavailable`",
                 .reasons = {"unavailable"}},
       .begin =
           [](RedisScene& scene) {
             scene.names.Vanish();
             scene.DropAgent();
           },
       .end = [](RedisScene& scene) { scene.names.ResolveTo("127.0.0.1"); },
       .by_name = true},
      {.facts = {.name = "DNS: no answer",
                 .injected =
                     "a look-up is not answered before the name server is back; the agent's "
                     "connection is killed",
                 .seen = "down, `timeout`; no more than one look-up waits",
                 .reasons = {"timeout", "unavailable"}},
       .begin =
           [](RedisScene& scene) {
             scene.names.FallSilent();
             scene.DropAgent();
           },
       .end = [](RedisScene& scene) { scene.names.ResolveTo("127.0.0.1"); },
       .by_name = true},
      {.facts = {.name = "DNS: another server",
                 .injected = "the name resolves to an empty server for a while; each time the "
                             "connection is killed",
                 .seen = "up; the streams that are not there go; they are found again within "
                         "`discovery_interval`, and their totals go on",
                 .reasons = {"unavailable"},
                 .passes = true,
                 .may_go_unnoticed = true,
                 .lasts = 2000ms,
                 .polls_until_right = 6},
       .begin =
           [](RedisScene& scene) {
             StartElsewhere(scene);
             scene.world.TotalsMayFallShort();
             scene.names.ResolveTo(kElsewhere);
             scene.DropAgent();
           },
       .end =
           [](RedisScene& scene) {
             scene.names.ResolveTo("127.0.0.1");
             scene.other.reset();
           },
       .expect =
           [](const MetricsPage& page) {
             return page.Find("streamgauge_stream_length").empty()
                        ? ""
                        : "streams of the one server are told of the other";
           },
       .by_name = true},
  };
}

}  // namespace streamgauge::test
