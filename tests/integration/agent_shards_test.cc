// One agent against three that split the work, on the same servers: together they export what one
// does, and nothing twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/agent_process.h"
#include "support/kafka_broker.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

constexpr int kShards = 3;

// Of a stream, group or consumer: everything else there is once per agent.
bool IsSplit(const std::string& line) {
  for (const auto* prefix : {"streamgauge_stream_", "streamgauge_partition_", "streamgauge_group_",
                             "streamgauge_consumer_"}) {
    if (line.starts_with(prefix)) return true;
  }
  return false;
}

// How often each series is on the pages, with its value where that neither ages nor counts from the
// start of an agent.
std::map<std::string, int> SeriesOf(const std::vector<std::unique_ptr<AgentProcess>>& agents) {
  std::map<std::string, int> series;
  for (const auto& agent : agents) {
    std::istringstream page(agent->Get("/metrics").body);
    for (std::string line; std::getline(page, line);) {
      if (!IsSplit(line)) continue;
      const bool same_for_all =
          line.find("_seconds{") == std::string::npos && line.find("_total{") == std::string::npos;
      ++series[same_for_all ? line : line.substr(0, line.rfind(' '))];
    }
  }
  return series;
}

std::vector<std::unique_ptr<AgentProcess>> Start(const std::string& targets, int total) {
  std::vector<std::unique_ptr<AgentProcess>> agents;
  for (int index = 0; index < total; ++index) {
    const std::string shard = "shard: {index: \"${POD_NAME}\", total: " + std::to_string(total);
    agents.push_back(std::make_unique<AgentProcess>(
        AgentOptions{.configuration = "poll_interval: 1s\nsignals: {window: 10s}\n" + shard +
                                      "}\ntargets: [" + targets + "]\n",
                     .arguments = {},
                     .env = {{"POD_NAME", "streamgauge-" + std::to_string(index)}}}));
  }
  for (const auto& agent : agents) agent->WaitUntilReady();
  return agents;
}

// Series that one has and the other has not, or that are there twice.
std::string Differences(const std::map<std::string, int>& whole,
                        const std::map<std::string, int>& parts) {
  std::string text;
  for (const auto& [series, count] : whole) {
    if (!parts.contains(series)) text += "missing: " + series + "\n";
  }
  for (const auto& [series, count] : parts) {
    if (!whole.contains(series)) text += "more: " + series + "\n";
    if (count > 1) text += "twice: " + series + "\n";
  }
  return text;
}

// `move` is done once all agents are there. `no_part` is the one metric that no shard can know.
void ExpectTheSame(const std::string& targets, std::size_t least_series,
                   const std::function<void()>& move, const std::string& no_part = "none") {
  const auto one = Start(targets, 1);
  const auto shards = Start(targets, kShards);
  move();
  std::string differences;
  std::size_t series = 0;
  // Signals appear as polls add up: not at the same moment in all agents.
  const auto same = [&] {
    auto whole = SeriesOf(one);
    std::erase_if(whole, [&](const auto& item) { return item.first.starts_with(no_part); });
    series = whole.size();
    differences = Differences(whole, SeriesOf(shards));
    return differences.empty() && series >= least_series;
  };
  EXPECT_TRUE(WaitFor(same, seconds(60), std::chrono::milliseconds(500)))
      << series << " series\n"
      << differences.substr(0, 3000);
  for (const auto& shard : shards) {
    EXPECT_GT(SeriesOf(one).size(), 2 * shard->Metrics().size() / kShards) << "work is split";
    EXPECT_GT(shard->Metrics().Find("streamgauge_group_lag").size(), 0U) << "each has some";
  }
}

TEST(AgentShards, ExportTheStreamsOfARedisTogether) {
  STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis) && AgentProcess::Available(),
                      "redis-server: run tools/setup.sh test");
  RedisServer redis;
  RedisClient client = redis.Connect();
  for (int i = 0; i < 30; ++i) {
    const std::string key = "orders:" + std::to_string(i);
    for (int entry = 0; entry < 5; ++entry) client.Command({"XADD", key, "*", "item", "1"});
    for (const std::string group : {"billing", "shipping"}) {
      client.Command({"XGROUP", "CREATE", key, group, "0"});
      client.Command({"XREADGROUP", "GROUP", group, "worker", "COUNT", "2", "STREAMS", key, ">"});
    }
  }
  ExpectTheSame("{name: checkout, type: redis, timeout: 900ms, address: \"redis://" +
                    redis.address() + "\", streams: {include: [\"orders:*\", \"orders:0\"]}}",
                30 * 6 + 60 * 15, [&] { client.Command({"XADD", "orders:1", "*", "item", "1"}); });
}

TEST(AgentShards, ExportTheGroupsOfAKafkaTogether) {
  STREAMGAUGE_REQUIRE(KafkaBroker::Available() && AgentProcess::Available(),
                      "Apache Kafka: run tools/setup.sh test");
  KafkaBroker kafka;
  KafkaClient client = kafka.Connect();
  for (int t = 0; t < 6; ++t) {
    const std::string topic = "payments-" + std::to_string(t);
    client.CreateTopic(topic, 2);
    for (const int partition : {0, 1}) client.Produce(topic, partition, 10);
  }
  client.CreateTopic("unused", 2);
  std::map<std::string, std::vector<KafkaOffset>> commits;
  for (int g = 0; g < 24; ++g) {
    // Each on two topics: most groups are not on the shard of their topics.
    for (const int t : {g % 6, (g + 1) % 6}) {
      const std::string topic = "payments-" + std::to_string(t);
      for (const int partition : {0, 1}) {
        commits["ledger-" + std::to_string(g)].push_back({topic, partition, 4});
      }
    }
  }
  client.CommitOffsets(commits);
  // What the feed tells is there for those that commit while it runs.
  const auto commit_on = [&] {
    for (auto& [group, offsets] : commits) {
      for (KafkaOffset& offset : offsets) offset.offset = 6;
    }
    client.CommitOffsets(commits);
  };
  ExpectTheSame(
      "{name: events, type: kafka, timeout: 900ms, brokers: [\"" + kafka.bootstrap() + "\"]}",
      7 * 8 + 48 * 10, commit_on, "streamgauge_stream_groups");
}

}  // namespace
}  // namespace streamgauge::test
