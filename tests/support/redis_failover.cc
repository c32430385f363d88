#include "support/redis_failover.h"

#include <algorithm>
#include <stdexcept>

#include "support/redis_cluster.h"
#include "support/wait_for.h"

namespace streamgauge::test {

std::string ReplicationField(const RedisServer& server, const std::string& name) {
  return InfoField(server.Connect().Command({"INFO", "replication"}).text, name);
}

RedisFailover::RedisFailover(const RedisServer& primary, const std::string& master,
                             const std::vector<std::string>& arguments) {
  constexpr int kSentinels = 3;
  RedisServerOptions replica{.arguments = arguments};
  replica.arguments.insert(replica.arguments.end(),
                           {"--replicaof", "127.0.0.1 " + std::to_string(primary.port())});
  replica_ = std::make_unique<RedisServer>(replica);
  for (int i = 0; i < kSentinels; ++i) {
    sentinels_.push_back(std::make_unique<RedisSentinel>(
        RedisSentinelOptions{.master = master, .master_port = primary.port()}));
  }
  if (!WaitFor([this] { return AllKnowAll(); }, std::chrono::seconds(20))) {
    throw std::runtime_error("the sentinels do not find the replica and each other");
  }
}

bool RedisFailover::AllKnowAll() {
  const auto knows = [this](const auto& sentinel) {
    return sentinel->Count("num-other-sentinels") + 1 ==
               static_cast<long long>(sentinels_.size()) &&
           sentinel->Count("num-slaves") == 1;
  };
  return std::ranges::all_of(sentinels_, knows) &&
         ReplicationField(*replica_, "master_link_status") == "up";
}

bool RedisFailover::IsPrimary(const RedisServer& server) {
  const auto names = [&](const auto& sentinel) { return sentinel->MasterPort() == server.port(); };
  return std::ranges::all_of(sentinels_, names) && ReplicationField(server, "role") == "master";
}

}  // namespace streamgauge::test
