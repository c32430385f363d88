#include "support/redis_sentinel.h"

#include <csignal>
#include <stdexcept>

#include "support/loopback.h"
#include "support/redis_server.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

bool Answers(std::uint16_t port) {
  try {
    (void)RedisClient(port, seconds(2)).TryCommand({"PING"});
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::string Configuration(const RedisSentinelOptions& options, std::uint16_t port,
                          std::uint16_t tls_port) {
  const std::string of_master = options.master + " ";
  std::string lines = "port " + std::to_string(port) + "\nbind 127.0.0.1\n";
  if (tls_port != 0) lines += "tls-port " + std::to_string(tls_port) + "\n";
  if (options.by_name) {
    lines += "sentinel resolve-hostnames yes\nsentinel announce-hostnames yes\n";
  }
  lines += "sentinel monitor " + of_master + (options.by_name ? "localhost " : "127.0.0.1 ") +
           std::to_string(options.master_port) + " " + std::to_string(options.quorum) + "\n";
  lines += "sentinel down-after-milliseconds " + of_master + "400\n";
  lines += "sentinel failover-timeout " + of_master + "2000\n";
  return lines + options.more + "\n";
}

}  // namespace

RedisSentinel::RedisSentinel(const RedisSentinelOptions& options)
    : master_(options.master), port_(FreePort()), tls_port_(options.tls_port ? FreePort() : 0) {
  const auto file = dir_.Write("sentinel.conf", Configuration(options, port_, tls_port_));
  const auto program = RedisServer::Program(RedisKind::kRedis);
  if (!program) throw std::runtime_error("the Redis server is not installed");
  ProcessOptions launch;
  launch.argv = {*program, file, "--sentinel"};
  launch.cwd = dir_.path();
  process_ = std::make_unique<Process>(launch);
  const bool settled =
      WaitFor([this] { return !process_->Running() || Answers(port_); }, seconds(20));
  if (!settled || !process_->Running()) {
    throw std::runtime_error("the sentinel does not start: " + process_->OutputTail());
  }
  // Refused where a password is wanted: it is then only slower. Who is promoted shows within a
  // second; the others take it for a stray after four times the publishing period.
  (void)Connect().TryCommand({"SENTINEL", "DEBUG", "INFO-PERIOD", "100", "PUBLISH-PERIOD", "500",
                              "PING-PERIOD", "100", "ASK-PERIOD", "100"});
}

void RedisSentinel::Kill() {
  process_->Signal(SIGKILL);
  if (!process_->Wait(seconds(10))) throw std::runtime_error("the sentinel outlives SIGKILL");
}

std::uint16_t RedisSentinel::MasterPort() {
  const auto reply = Connect().Command({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", master_});
  return static_cast<std::uint16_t>(std::stoi(reply[1].text));
}

long long RedisSentinel::Count(const std::string& of_what) {
  return std::stoll(Connect().Command({"SENTINEL", "MASTER", master_}).Field(of_what).text);
}

}  // namespace streamgauge::test
