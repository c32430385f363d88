// A real Redis Cluster of a test's own, in the making of which redis-cli has no part: three
// primaries or so, each slot with one of them, and replicas as wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/redis_client.h"
#include "support/redis_server.h"

namespace streamgauge::test {

struct RedisClusterOptions {
  RedisKind kind = RedisKind::kRedis;
  std::size_t primaries = 3;
  std::vector<std::size_t> replicas_of;  // for each replica the primary it is of
  std::vector<std::string> arguments;    // of every server
  bool tls = false;  // nodes speak TLS with each other; the certificates are told by `arguments`
};

// Not thread-safe. Everything that fails throws std::runtime_error.
class RedisCluster {
 public:
  // Returns when every node knows all others and its replicas are in sync.
  explicit RedisCluster(RedisClusterOptions options = {});

  // The primaries first, then the replicas.
  RedisServer& node(std::size_t index) { return *nodes_.at(index); }
  std::size_t size() const { return nodes_.size(); }
  RedisClient& client(std::size_t index) { return clients_.at(index); }
  const std::string& bus_port(std::size_t index) const { return bus_ports_.at(index); }

  // Sends the commands, all of one key, to whoever has it, following MOVED and ASK. Errors are
  // replies.
  std::vector<RedisReply> Run(const std::vector<RedisCommand>& commands);
  // One of them; an error throws.
  RedisReply Command(const RedisCommand& command);

  // "stream-3" and the like for a node: the first name with this prefix in one of its slots.
  std::string KeyOn(std::size_t node, const std::string& prefix);
  std::uint16_t SlotOf(const std::string& key);
  // The node that says it is the primary of the key's slot.
  std::size_t OwnerOf(const std::string& key);
  // Whether all nodes say that `owner` has the key.
  bool AllSay(const std::string& key, std::size_t owner);
  // Waits until every replica, whichever nodes are replicas now, has what its primary has.
  void WaitForReplicas();

  // Moves a slot with all its keys, in the steps that redis-cli takes.
  void BeginMove(std::uint16_t slot, std::size_t from, std::size_t to);
  void MoveKey(const std::string& key, std::size_t from, std::size_t to);
  void EndMove(std::uint16_t slot, std::size_t from, std::size_t to);

 private:
  std::string PortOf(std::size_t node) const;  // for other nodes
  void AssignSlots();
  void Replicate();
  bool EverybodyKnowsTheReplicas();
  bool EverybodyKnowsEverybody();
  std::string IdOf(std::size_t node);

  RedisClusterOptions options_;
  std::vector<std::unique_ptr<RedisServer>> nodes_;
  std::vector<std::string> bus_ports_;
  std::vector<RedisClient> clients_;
};

// The value of "name:value" in what INFO and its like say; "" when it is not there.
std::string InfoField(const std::string& info, const std::string& name);

}  // namespace streamgauge::test
