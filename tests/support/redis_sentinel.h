// A real Redis Sentinel of a test's own, made to notice within fractions of a second what takes
// others half a minute.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "support/process.h"
#include "support/redis_client.h"
#include "support/temp_dir.h"

namespace streamgauge::test {

struct RedisSentinelOptions {
  std::string master = "mymaster";  // its name
  std::uint16_t master_port = 0;
  bool by_name = false;  // it knows servers by their names ("localhost"), and tells these
  int quorum = 2;
  bool tls_port = false;  // another port, for TLS; the certificates are told by `more`
  std::string more;       // lines for its configuration file
};

// Not thread-safe. Everything that fails throws std::runtime_error.
class RedisSentinel {
 public:
  explicit RedisSentinel(const RedisSentinelOptions& options);

  std::uint16_t port() const { return port_; }
  std::uint16_t tls_port() const { return tls_port_; }  // 0: there is none
  RedisClient Connect() const { return RedisClient(port_); }
  void Kill();

  // The port of the primary that it names.
  std::uint16_t MasterPort();
  // The sentinels and replicas that it knows of, itself left out.
  long long Count(const std::string& of_what);  // "num-other-sentinels", "num-slaves"

 private:
  const std::string master_;
  TempDir dir_{"sentinel"};
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace streamgauge::test
