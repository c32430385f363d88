// A real Prometheus scrapes the agent, which watches both backbones: what is served can be parsed
// in the format that Prometheus asks for, and one expression shows groups of both.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/agent_process.h"
#include "support/kafka_broker.h"
#include "support/prometheus.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

std::string ActiveTargets(const Prometheus& prometheus) {
  return prometheus.Get("/api/v1/targets?state=active").body;
}

TEST(AgentWithPrometheus, OneExpressionShowsGroupsOfBothBackbones) {
  STREAMGAUGE_REQUIRE(KafkaBroker::Available() && RedisServer::Available(RedisKind::kRedis) &&
                          AgentProcess::Available() && Prometheus::Available(),
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
  Prometheus prometheus({.agents = {agent.port()}, .rules = {}, .alertmanager = {}});

  std::string answer;
  const auto both = [&] {
    answer = prometheus.Query("topk(10, streamgauge_group_lag_seconds)");
    return answer.find("\"group\":\"billing\"") != std::string::npos &&
           answer.find("\"group\":\"ledger\"") != std::string::npos;
  };
  EXPECT_TRUE(WaitFor(both, seconds(60), std::chrono::milliseconds(250)))
      << answer << "\n"
      << ActiveTargets(prometheus) << "\n"
      << agent.Log() << prometheus.OutputTail();
  EXPECT_NE(answer.find("\"system\":\"redis\""), std::string::npos) << answer;
  EXPECT_NE(answer.find("\"system\":\"kafka\""), std::string::npos) << answer;

  const std::string lag = prometheus.Query("sum(streamgauge_group_lag)");
  EXPECT_NE(lag.find(",\"7\"]"), std::string::npos) << "1 on Redis and 6 on Kafka: " << lag;
  const std::string targets = ActiveTargets(prometheus);
  EXPECT_NE(targets.find("\"health\":\"up\""), std::string::npos) << targets;
  EXPECT_NE(targets.find("\"lastError\":\"\""), std::string::npos) << targets;
}

}  // namespace
}  // namespace streamgauge::test
