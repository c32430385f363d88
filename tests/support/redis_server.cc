#include "support/redis_server.h"

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "build_paths.h"
#include "support/loopback.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

constexpr int kPortsToTry = 5;
constexpr seconds kStartDeadline{20};

// True once the server has answered anything at all, an error about a missing password included.
bool Answers(std::uint16_t port) {
  try {
    const RedisReply reply = RedisClient(port, seconds(2)).TryCommand({"PING"});
    return !reply.text.starts_with("LOADING");
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

std::optional<std::filesystem::path> RedisServer::Program(RedisKind kind) {
  const bool redis = kind == RedisKind::kRedis;
  const char* chosen =
      std::getenv(redis ? "STREAMGAUGE_REDIS_SERVER" : "STREAMGAUGE_VALKEY_SERVER");
  if (chosen != nullptr && *chosen != '\0') return FindProgram(chosen);
  return FindProgram(redis ? "redis-server" : build_paths::ValkeyServer().string());
}

RedisServer::RedisServer(RedisServerOptions options) : options_(std::move(options)) {
  for (int attempt = 0; attempt < kPortsToTry; ++attempt) {
    port_ = FreePort();
    if (options_.tls_port) tls_port_ = FreePort();
    if (TryStart()) return;
  }
  throw std::runtime_error("redis does not start: " + OutputTail());
}

std::string RedisServer::address() const { return "127.0.0.1:" + std::to_string(port_); }

void RedisServer::Launch() {
  const auto program = Program(options_.kind);
  if (!program) throw std::runtime_error("the Redis or Valkey server is not installed");
  ProcessOptions launch;
  launch.argv = {
      *program, "--port", std::to_string(port_), "--bind", "127.0.0.1",   "--dir", dir_.path(),
      "--save", "",       "--appendonly",        "no",     "--daemonize", "no",    "--loglevel",
      "notice"};
  launch.argv.insert(launch.argv.end(), options_.arguments.begin(), options_.arguments.end());
  launch.env = options_.env;
  if (tls_port_ != 0) {
    launch.argv.insert(launch.argv.end(), {"--tls-port", std::to_string(tls_port_)});
  }
  process_ = std::make_unique<Process>(launch);
}

bool RedisServer::TryStart() {
  Launch();
  WaitUntilReady();
  return process_->Running();
}

void RedisServer::WaitUntilReady() {
  const bool settled =
      WaitFor([this] { return !process_->Running() || Answers(port_); }, kStartDeadline);
  if (!settled) throw std::runtime_error("redis does not answer: " + OutputTail());
}

void RedisServer::Start() {
  // The port may be taken for a moment by somebody's outgoing connection.
  if (!WaitFor([this] { return TryStart(); }, kStartDeadline, std::chrono::milliseconds(200))) {
    throw std::runtime_error("redis does not start again on its port: " + OutputTail());
  }
}

void RedisServer::Stop() { process_->Stop(); }

void RedisServer::Kill() {
  process_->Signal(SIGKILL);
  if (!process_->Wait(seconds(10))) throw std::runtime_error("redis outlives SIGKILL");
}

void RedisServer::Pause() { process_->Pause(); }
void RedisServer::Resume() { process_->Signal(SIGCONT); }

void RedisServer::Restart() {
  Stop();
  Start();
}

}  // namespace streamgauge::test
