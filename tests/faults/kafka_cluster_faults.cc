// One of three brokers is lost: what it led and coordinated moves, or has nobody.
#include <stdexcept>

#include "faults/kafka_scene.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

// Long enough for leaders and coordinators to move, and for what is not back to be too old.
constexpr auto kUntilMoved = 9000ms;

int Leader(const KafkaScene& scene) {
  return KafkaClient(scene.cluster->bootstrap()).LeaderOf(scene.world->orders(), 0);
}

// The one that leads the first partition.
KafkaBroker& ChooseVictim(KafkaScene& scene) {
  const int node = Leader(scene);
  if (node < 1) throw std::runtime_error("there is no leader");
  scene.victim = &scene.cluster->broker(static_cast<std::size_t>(node - 1));
  return *scene.victim;
}

void AwaitWhole(KafkaScene& scene) {
  scene.victim->WaitUntilReady(scene.cluster->size());
  if (!WaitFor([&] { return Leader(scene) >= 1; }, 20s, 100ms)) {
    throw std::runtime_error("no leader comes back");
  }
}

void Kill(KafkaScene& scene) { ChooseVictim(scene).Kill(); }
void StartAgain(KafkaScene& scene) {
  scene.victim->Start();
  AwaitWhole(scene);
}

// A poll that meets the broker's end may fail.
FaultFacts Lost(std::string name, std::string injected, std::string seen) {
  return {.name = std::move(name),
          .injected = std::move(injected),
          .seen = std::move(seen),
          .reasons = GoneOrSilent(),
          .passes = true,
          .may_go_unnoticed = true,
          .world_rests = true,
          .lasts = kUntilMoved,
          .more_connections = 3};
}

}  // namespace

std::vector<KafkaFault> KafkaClusterFaults() {
  const std::string moves =
      "up, or down for a poll; the last figures stay for `stale_after`, `group_completeness` is "
      "below 1, sums that lack a partition go; all is back once leaders and coordinators have "
      "moved";
  return {
      {.facts = Lost("cluster: one of three killed",
                     "SIGKILL of a leader and coordinator; started again", moves),
       .begin = Kill,
       .end = StartAgain,
       .replicas = 3},
      {.facts = Lost("cluster: one of three paused", "SIGSTOP of a leader and coordinator, SIGCONT",
                     moves),
       .begin = [](KafkaScene& scene) { ChooseVictim(scene).Pause(); },
       .end =
           [](KafkaScene& scene) {
             scene.victim->Resume();
             AwaitWhole(scene);
           },
       .replicas = 3},
      {.facts = Lost("cluster: a partition without a leader",
                     "SIGKILL of the broker that has its only replica; started again",
                     "up, or down for a poll; the same, but what needs that partition is absent "
                     "until it is back"),
       .begin = Kill,
       .end = StartAgain,
       .replicas = 1},
  };
}

}  // namespace streamgauge::test
