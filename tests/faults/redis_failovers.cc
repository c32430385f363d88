// A primary dies and its replica takes over: behind sentinels, and in a cluster.
#include <fmt/format.h>

#include <stdexcept>

#include "faults/redis_scene.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMaster = "orders";
constexpr std::size_t kReplica = 3;  // of the cluster's first node

void WatchBySentinels(RedisScene& scene) {
  scene.failover = std::make_unique<RedisFailover>(
      scene.server, kMaster, std::vector<std::string>{"--repl-diskless-sync-delay", "0"});
}

std::string BySentinels(RedisScene& scene) {
  std::string addresses;
  for (std::size_t i = 0; i < scene.failover->sentinels(); ++i) {
    addresses += fmt::format("\"redis://127.0.0.1:{}\", ", scene.failover->sentinel(i).port());
  }
  return fmt::format("mode: sentinel, address: [{}], sentinel: {{master: {}}}", addresses, kMaster);
}

std::string ByCluster(RedisScene& scene) {
  return fmt::format("mode: cluster, address: [\"redis://127.0.0.1:{}\", \"redis://127.0.0.1:{}\"]",
                     scene.cluster->node(0).port(), scene.cluster->node(1).port());
}

bool ReplicaHasAll(RedisScene& scene) {
  const std::string info = scene.admin.Command({"INFO", "replication"}).text;
  return InfoField(info, "slave0").find(",offset=" + InfoField(info, "master_repl_offset") + ",") !=
         std::string::npos;
}

// REQUIRES: the world is at rest.
void KillReplicated(RedisScene& scene) {
  scene.world.TotalsMayFallShort();
  if (!WaitFor([&] { return ReplicaHasAll(scene); }, 20s)) {
    throw std::runtime_error("the replica does not catch up");
  }
  scene.server.Kill();
}

bool ReplicaHasTakenOver(RedisScene& scene) {
  return InfoField(scene.cluster->client(kReplica).Command({"INFO", "replication"}).text, "role") ==
         "master";
}

}  // namespace

std::vector<RedisFault> RedisFailovers() {
  return {
      {.facts = {.name = "failover: by sentinels",
                 .injected = "the primary is killed, sentinels promote its replica",
                 .seen =
                     "down, `unavailable`, until they have; what happened between the last look "
                     "there and the first one here is not in the totals",
                 .reasons = {"unavailable"},
                 .passes = true,
                 .world_rests = true},
       .begin = KillReplicated,
       .end = [](RedisScene& scene) { scene.world.MoveTo(scene.failover->replica().port()); },
       .prepare = WatchBySentinels,
       .over =
           [](RedisScene& scene) { return scene.failover->IsPrimary(scene.failover->replica()); },
       .target = BySentinels},
      {.facts = {.name = "failover: in a cluster",
                 .injected = "one of three primaries is killed, its replica takes over",
                 .seen = "up; its streams are absent until then, those of the others stay; totals "
                         "as above",
                 .reasons = {"unavailable"},
                 .passes = true,
                 .may_go_unnoticed = true,
                 .world_rests = true},
       .begin = KillReplicated,
       .end = [](RedisScene& scene) { scene.world.MoveTo(scene.cluster->node(kReplica).port()); },
       .over = ReplicaHasTakenOver,
       .target = ByCluster,
       .in_cluster = true},
  };
}

}  // namespace streamgauge::test
