// A real Redis or Valkey of a test's own: on 127.0.0.1, in its own folder, without persistence.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/redis_client.h"
#include "support/temp_dir.h"

namespace streamgauge::test {

enum class RedisKind : std::uint8_t { kRedis, kValkey };

struct RedisServerOptions {
  RedisKind kind = RedisKind::kRedis;
  // Added to the command line, e.g. {"--requirepass", "secret"} or {"--appendonly", "yes"}.
  std::vector<std::string> arguments;
  std::map<std::string, std::string> env;  // added to the present environment
  bool tls_port = false;  // another port, for TLS; the certificates are told by `arguments`
};

// Not thread-safe. Everything that fails throws std::runtime_error with the server's own words.
class RedisServer {
 public:
  // $STREAMGAUGE_REDIS_SERVER or redis-server from PATH; $STREAMGAUGE_VALKEY_SERVER or what
  // tools/setup.sh has put into the cache.
  static std::optional<std::filesystem::path> Program(RedisKind kind);
  static bool Available(RedisKind kind) { return Program(kind).has_value(); }

  // Starts it and waits until it answers.
  explicit RedisServer(RedisServerOptions options = {});

  std::uint16_t port() const { return port_; }
  std::uint16_t tls_port() const { return tls_port_; }  // 0: there is none
  std::string address() const;                          // "127.0.0.1:PORT"
  pid_t pid() const { return process_ ? process_->pid() : -1; }
  const std::filesystem::path& dir() const { return dir_.path(); }

  // A new connection. REQUIRES: no password is set, or the caller sends AUTH first.
  RedisClient Connect() const { return RedisClient(port_); }

  void Stop();   // SIGTERM
  void Kill();   // SIGKILL: its clients see the connection end, new ones are refused
  void Pause();  // SIGSTOP: connections stay open, nothing is answered
  void Resume();
  void Start();  // after Stop or Kill, on the same port; data is gone unless options keep it
  void Restart();
  // As Start, but does not wait: it may be loading. WaitUntilReady does, until it answers.
  void Launch();
  void WaitUntilReady();

  std::string OutputTail() const { return process_ ? process_->OutputTail() : ""; }

 private:
  // False when it ended before it answered; throws when it does neither.
  bool TryStart();

  RedisServerOptions options_;
  TempDir dir_{"redis"};
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace streamgauge::test
