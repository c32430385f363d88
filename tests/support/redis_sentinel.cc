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

}  // namespace

RedisSentinel::RedisSentinel(const RedisSentinelOptions& options)
    : master_(options.master), port_(FreePort()) {
  const std::string configuration =
      "port " + std::to_string(port_) + "\nbind 127.0.0.1\nsentinel monitor " + master_ +
      " 127.0.0.1 " + std::to_string(options.master_port) + " " + std::to_string(options.quorum) +
      "\nsentinel down-after-milliseconds " + master_ + " 400\nsentinel failover-timeout " +
      master_ + " 2000\n" + options.more + "\n";
  const auto file = dir_.Write("sentinel.conf", configuration);
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
