// Certificates of a Redis target that expire or change. What is connected stays so: each of these
// begins when the connection is lost.
#include "faults/redis_scene.h"

namespace streamgauge::test {
namespace {

void Show(RedisScene& scene, const CertificateFiles& files) {
  scene.admin.Command({"CONFIG", "SET", "tls-cert-file", files.cert, "tls-key-file", files.key});
  scene.DropAgent();
}

}  // namespace

std::vector<RedisFault> RedisTlsFaults() {
  return {
      {.facts = {.name = "TLS: the server's certificate expires",
                 .injected = "the server shows one that has expired, the agent's connection is "
                             "killed; then a renewed one",
                 .seen = "down, `unavailable`: renew it",
                 .reasons = {"unavailable"}},
       .begin = [](RedisScene& scene) { Show(scene, scene.tls->expired()); },
       .end =
           [](RedisScene& scene) { Show(scene, scene.tls->authority().Issue("server-renewed")); },
       .by_tls = true},
      {.facts = {.name = "TLS: our certificate expires",
                 .injected = "the agent's file holds one that has expired, its connection is "
                             "killed; then a renewed one",
                 .seen = "down, `unauthorized`",
                 .reasons = {"unauthorized", "unavailable"}},
       .begin =
           [](RedisScene& scene) {
             scene.tls->AgentShowsExpired();
             scene.DropAgent();
           },
       .end = [](RedisScene& scene) { scene.tls->AgentShowsRenewed(); },
       .by_tls = true},
      {.facts = {.name = "TLS: the authority is replaced",
                 .injected = "the server shows a certificate of another authority, whose own comes "
                             "into the agent's file later",
                 .seen = "down, `unavailable`: put it into ca_file",
                 .reasons = {"unavailable"}},
       .begin = [](RedisScene& scene) { Show(scene, scene.tls->by_others()); },
       .end = [](RedisScene& scene) { scene.tls->AgentBelieves(scene.tls->others()); },
       .by_tls = true},
  };
}

}  // namespace streamgauge::test
