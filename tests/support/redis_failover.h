// A primary, its replica and three sentinels that watch over them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/redis_sentinel.h"
#include "support/redis_server.h"

namespace streamgauge::test {

// It takes a second or two. But a sentinel that was not scheduled for two seconds, on a busy
// machine, trusts nobody for 30 s ("TILT").
inline constexpr std::chrono::seconds kLongestFailover{45};

// Not thread-safe. Everything that fails throws std::runtime_error.
class RedisFailover {
 public:
  // The primary outlives it; the replica gets `arguments`. With `tls`, the arguments of TLS that
  // the primary has too, all of them speak TLS with each other. Returns when all know all.
  RedisFailover(const RedisServer& primary, const std::string& master,
                const std::vector<std::string>& arguments = {},
                const std::vector<std::string>& tls = {});

  RedisServer& replica() { return *replica_; }
  RedisSentinel& sentinel(std::size_t index) { return *sentinels_.at(index); }
  std::size_t sentinels() const { return sentinels_.size(); }

  // All sentinels name the server, and it agrees.
  bool IsPrimary(const RedisServer& server);

 private:
  bool AllKnowAll();
  std::uint16_t PortOf(const RedisServer& server) const;  // that they name

  bool tls_;
  std::unique_ptr<RedisServer> replica_;
  std::vector<std::unique_ptr<RedisSentinel>> sentinels_;
};

// {"--key", "value"} as lines of a configuration file.
std::string AsConfiguration(const std::vector<std::string>& arguments);

// A field of what the server says about replication.
std::string ReplicationField(const RedisServer& server, const std::string& name);

}  // namespace streamgauge::test
