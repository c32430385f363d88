// Certificates of a Kafka target that expire or change.
#include "faults/kafka_scene.h"

namespace streamgauge::test {
namespace {

void RestartWith(KafkaScene& scene, const CertificateFiles& shown) {
  scene.broker.Stop();
  (void)scene.tls->Store(shown);
  scene.broker.Start();
}

}  // namespace

std::vector<KafkaFault> KafkaTlsFaults() {
  return {
      {.facts = {.name = "TLS: the broker's certificate expires",
                 .injected = "restarted with one that has expired, then with a renewed one",
                 .seen = "down, `unavailable`: renew it",
                 .reasons = GoneOrSilent(),
                 .world_rests = true},
       .begin = [](KafkaScene& scene) { RestartWith(scene, scene.tls->files.expired()); },
       .end =
           [](KafkaScene& scene) {
             RestartWith(scene, scene.tls->files.authority().Issue("renewed"));
           }},
      {.facts = {.name = "TLS: our certificate expires",
                 .injected = "the agent's file holds one that has expired when the broker is "
                             "restarted; then a renewed one",
                 .seen = "down, `unauthorized`",
                 .reasons = {"unauthorized", "unavailable", "timeout"},
                 .world_rests = true},
       .begin =
           [](KafkaScene& scene) {
             scene.tls->files.AgentShowsExpired();
             scene.broker.Restart();
           },
       .end = [](KafkaScene& scene) { scene.tls->files.AgentShowsRenewed(); }},
      {.facts = {.name = "TLS: the authority is replaced",
                 .injected = "restarted with a certificate of another authority, whose own comes "
                             "into the agent's file later",
                 .seen = "down, `unavailable`: put it into ssl.ca.location",
                 .reasons = GoneOrSilent(),
                 .world_rests = true},
       .begin = [](KafkaScene& scene) { RestartWith(scene, scene.tls->files.by_others()); },
       .end = [](KafkaScene& scene) { scene.tls->files.AgentBelieves(scene.tls->files.others()); }},
  };
}

}  // namespace streamgauge::test
