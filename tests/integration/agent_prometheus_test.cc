// A real Prometheus scrapes the agent, which watches both backbones: what is served can be parsed
// in the format that Prometheus asks for, and one expression shows groups of both.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "support/agent_process.h"
#include "support/kafka_broker.h"
#include "support/loopback.h"
#include "support/process.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/temp_dir.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

class Prometheus {
 public:
  explicit Prometheus(std::uint16_t agent_port) : port_(FreePort()) {
    const std::filesystem::path config = std::filesystem::path(dir_.path()) / "prometheus.yml";
    std::ofstream(config) << "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
                             "scrape_configs:\n"
                             "  - job_name: streamgauge\n"
                             "    static_configs: [{targets: ['127.0.0.1:"
                          << agent_port << "']}]\n";
    process_ = std::make_unique<Process>(
        ProcessOptions{.argv = {"prometheus", "--config.file=" + config.string(),
                                "--storage.tsdb.path=" + std::string(dir_.path()) + "/data",
                                "--web.listen-address=127.0.0.1:" + std::to_string(port_)},
                       .env = {},
                       .cwd = {}});
  }

  // The JSON answer to an instant query; `expression` is already percent-encoded.
  std::string Query(const std::string& expression) const {
    return HttpGet(port_, "/api/v1/query?query=" + expression).body;
  }
  std::string ActiveTargets() const { return HttpGet(port_, "/api/v1/targets?state=active").body; }
  std::string OutputTail() const { return process_->OutputTail(); }

 private:
  TempDir dir_{"prometheus"};
  std::uint16_t port_;
  std::unique_ptr<Process> process_;
};

TEST(AgentWithPrometheus, OneExpressionShowsGroupsOfBothBackbones) {
  STREAMGAUGE_REQUIRE(KafkaBroker::Available() && RedisServer::Available(RedisKind::kRedis) &&
                          AgentProcess::Available() && FindProgram("prometheus"),
                      "redis-server, Apache Kafka and prometheus: run tools/setup.sh test");
  RedisServer redis;
  RedisClient client = redis.Connect();
  client.Command({"XADD", "orders", "*", "item", "1"});
  client.Command({"XGROUP", "CREATE", "orders", "billing", "0"});
  KafkaBroker kafka;
  KafkaClient topics = kafka.Connect();
  topics.CreateTopic("payments");
  topics.Produce("payments", 0, 10);
  topics.CommitOffsets("ledger", {{"payments", 0, 4}});

  AgentProcess agent(
      {.configuration = "poll_interval: 1s\n"
                        "targets:\n"
                        "  - {name: checkout, type: redis, timeout: 900ms, address: \"redis://" +
                        redis.address() +
                        "\"}\n"
                        "  - {name: events, type: kafka, timeout: 900ms, brokers: [\"" +
                        kafka.bootstrap() +
                        "\"]}\n"
                        "signals: {window: 10s}\n",
       .arguments = {},
       .env = {}});
  Prometheus prometheus(agent.port());

  std::string answer;
  const auto both = [&] {
    answer = prometheus.Query("topk(10,streamgauge_group_lag_seconds)");
    return answer.find("\"group\":\"billing\"") != std::string::npos &&
           answer.find("\"group\":\"ledger\"") != std::string::npos;
  };
  EXPECT_TRUE(WaitFor(both, seconds(60), std::chrono::milliseconds(250)))
      << answer << "\n"
      << prometheus.ActiveTargets() << "\n"
      << agent.Log() << prometheus.OutputTail();
  EXPECT_NE(answer.find("\"system\":\"redis\""), std::string::npos) << answer;
  EXPECT_NE(answer.find("\"system\":\"kafka\""), std::string::npos) << answer;

  const std::string lag = prometheus.Query("sum(streamgauge_group_lag)");
  EXPECT_NE(lag.find(",\"7\"]"), std::string::npos) << "1 on Redis and 6 on Kafka: " << lag;
  const std::string targets = prometheus.ActiveTargets();
  EXPECT_NE(targets.find("\"health\":\"up\""), std::string::npos) << targets;
  EXPECT_NE(targets.find("\"lastError\":\"\""), std::string::npos) << targets;
}

}  // namespace
}  // namespace streamgauge::test
