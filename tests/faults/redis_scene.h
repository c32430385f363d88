// Where a Redis fault happens: a server, its world, and an agent that reaches it through a proxy,
// or by sentinels or a cluster.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faults/fault.h"
#include "faults/redis_world.h"
#include "faults/shifted_clock.h"
#include "faults/test_names.h"
#include "faults/tls_files.h"
#include "faults/trial.h"
#include "support/agent_process.h"
#include "support/fault_proxy.h"
#include "support/metrics_page.h"
#include "support/redis_cluster.h"
#include "support/redis_failover.h"
#include "support/redis_server.h"

namespace streamgauge::test {

struct RedisScene;

struct RedisFault {
  FaultFacts facts;
  std::function<void(RedisScene&)> begin;
  std::function<void(RedisScene&)> end;
  // Before the agent starts.
  std::function<void(RedisScene&)> prepare = [](RedisScene&) {};
  // Looks at the page at the end of the fault; what is wrong with it, or nothing.
  std::function<std::string(const MetricsPage&)> expect = [](const MetricsPage&) { return ""; };
  RedisServerOptions server;
  ClockOf clock = ClockOf::kNobody;
  // Its end comes by itself; whether it is there.
  std::function<bool(RedisScene&)> over;
  // What the agent is told of its target.
  std::function<std::string(RedisScene&)> target;
  bool by_tls = false;
  bool by_name = false;  // the agent connects to a name of RedisScene::names
  bool in_cluster = false;
  std::filesystem::path log_file;  // of the agent
};

struct RedisScene {
  ShiftedClock clock;
  TestNames names;
  std::optional<TlsFiles> tls;
  std::optional<RedisCluster> cluster;
  std::optional<RedisServer> alone;
  RedisServer& server;
  RedisWorld world;
  FaultProxy proxy;
  // A connection that is there before the trouble begins.
  RedisClient admin{server.port()};
  // What a fault keeps between its beginning and its end.
  std::unique_ptr<TempDir> folder;
  std::unique_ptr<RedisFailover> failover;
  std::unique_ptr<Process> other;
  std::optional<AgentProcess> agent;

  explicit RedisScene(const RedisFault& fault);
  // The agent's connections are closed by the server.
  void DropAgent();
};

// Makes the scene, and runs the trial in it. Does not throw.
Outcome Try(const RedisFault& fault);

// The faults by what breaks.
std::vector<RedisFault> RedisNetworkFaults();
std::vector<RedisFault> RedisServerFaults();
std::vector<RedisFault> RedisContentFaults();
std::vector<RedisFault> RedisFailovers();
std::vector<RedisFault> RedisNameFaults();
std::vector<RedisFault> RedisTlsFaults();
std::vector<RedisFault> AgentFaults();

}  // namespace streamgauge::test
