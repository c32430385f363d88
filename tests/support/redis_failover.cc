#include "support/redis_failover.h"

#include <algorithm>
#include <stdexcept>

#include "support/redis_cluster.h"
#include "support/wait_for.h"

namespace streamgauge::test {

std::string ReplicationField(const RedisServer& server, const std::string& name) {
  return InfoField(server.Connect().Command({"INFO", "replication"}).text, name);
}

std::string AsConfiguration(const std::vector<std::string>& arguments) {
  std::string lines;
  for (const std::string& word : arguments) {
    const bool key = word.starts_with("--");
    lines += key ? "\n" + word.substr(2) : " " + word;
  }
  return lines;
}

RedisFailover::RedisFailover(const RedisServer& primary, const std::string& master,
                             const std::vector<std::string>& arguments,
                             const std::vector<std::string>& tls)
    : tls_(!tls.empty()) {
  constexpr int kSentinels = 3;
  RedisServerOptions replica{.arguments = arguments, .tls_port = tls_};
  replica.arguments.insert(replica.arguments.end(), tls.begin(), tls.end());
  replica.arguments.insert(replica.arguments.end(),
                           {"--replicaof", "127.0.0.1 " + std::to_string(PortOf(primary))});
  replica_ = std::make_unique<RedisServer>(replica);
  for (int i = 0; i < kSentinels; ++i) {
    sentinels_.push_back(
        std::make_unique<RedisSentinel>(RedisSentinelOptions{.master = master,
                                                             .master_port = PortOf(primary),
                                                             .tls_port = tls_,
                                                             .more = AsConfiguration(tls)}));
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

std::uint16_t RedisFailover::PortOf(const RedisServer& server) const {
  return tls_ ? server.tls_port() : server.port();
}

bool RedisFailover::IsPrimary(const RedisServer& server) {
  const auto names = [&](const auto& sentinel) { return sentinel->MasterPort() == PortOf(server); };
  return std::ranges::all_of(sentinels_, names) && ReplicationField(server, "role") == "master";
}

}  // namespace streamgauge::test
