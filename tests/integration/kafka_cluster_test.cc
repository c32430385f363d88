// Three brokers, of which one dies: what it led and coordinated moves, and no figure is ever false.
#include "support/kafka_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "kafka_polled.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using test::KafkaBroker;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kBrokers = 3;
constexpr int kGroups = 12;
constexpr int kPartitions = 6;

std::string Group(int number) { return "group-" + std::to_string(number); }

// The lag of every group, and that of one partition, as committed below.
std::int64_t LagOfPartition(int group) { return 10 - group % 5; }

// False figures in a reading; absent ones are none.
int CountFalse(const Reading& reading) {
  int wrong = 0;
  for (const GroupReading& group : reading.groups) {
    const int number = std::stoi(std::string(group.name->text().substr(6)));
    const std::int64_t lag = LagOfPartition(number);
    if (group.lag && group.lag != static_cast<std::uint64_t>(lag * kPartitions)) ++wrong;
    if (group.rewound || group.delivered_total.value_or(0) != 0) ++wrong;
    if (group.lost_total.value_or(0) != 0) ++wrong;
    for (const GroupPartitionReading& partition : group.partitions) {
      if (partition.lag && partition.lag != lag) ++wrong;
    }
  }
  for (const StreamReading& stream : reading.streams) {
    if (stream.length && stream.length != 10U * kPartitions) ++wrong;
  }
  return wrong;
}

bool IsComplete(const Reading& reading) {
  return reading.groups.size() == kGroups &&
         std::all_of(reading.groups.begin(), reading.groups.end(), [](const GroupReading& group) {
           return group.lag && group.completeness == 1.0;
         });
}

// A part of a rolling restart, polled without a pause. Returns how many false figures were told.
// The target must be right again soon after the cluster is whole.
int RestartWhilePolled(KafkaBroker& broker, test::PolledKafka& source) {
  int wrong = 0;
  {
    const std::jthread poller([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const auto reading = source.TryPoll();
        if (reading) wrong += CountFalse(*reading);
      }
    });
    broker.Restart();
    broker.WaitUntilReady(kBrokers);
  }
  const bool right_again = test::WaitFor(
      [&] {
        const auto reading = source.TryPoll();
        if (reading) wrong += CountFalse(*reading);
        return reading && reading->nodes == 3U && IsComplete(*reading);
      },
      20s, 100ms);
  EXPECT_TRUE(right_again);
  return wrong;
}

// In each way of knowing what is committed.
class KafkaClusterTest : public testing::TestWithParam<KafkaOffsets> {};

TEST_P(KafkaClusterTest, WhenABrokerDiesFiguresAreKeptOrAbsentAndComeBack) {
  STREAMGAUGE_REQUIRE(KafkaBroker::Available(), "Kafka and Java: run tools/setup.sh test");
  test::KafkaCluster cluster(kBrokers, {.properties = {{"offsets.topic.replication.factor", "3"},
                                                       {"min.insync.replicas", "1"}},
                                        .heap_mib = 192,
                                        .offsets_partitions = 6});
  const std::string& bootstrap = cluster.bootstrap();
  test::KafkaClient client(bootstrap);
  client.CreateTopic("orders", kPartitions, {}, kBrokers);
  for (int p = 0; p < kPartitions; ++p) client.Produce("orders", p, 10);
  for (int g = 0; g < kGroups; ++g) {
    std::vector<test::KafkaOffset> offsets;
    for (int p = 0; p < kPartitions; ++p) offsets.push_back({"orders", p, 10 - LagOfPartition(g)});
    client.CommitOffsets(Group(g), offsets);
  }

  KafkaTargetConfig config = test::KafkaTarget(bootstrap);
  config.offsets = GetParam();
  test::PolledKafka source(config, 2s);
  ASSERT_TRUE(test::WaitFor([&] { return IsComplete(source.Poll()); }, 20s, 200ms));
  EXPECT_EQ(source.reading().nodes, 3U);
  EXPECT_EQ(CountFalse(source.reading()), 0);

  cluster.broker(2).Kill();
  int polls = 0;
  int failed = 0;
  int incomplete = 0;
  int wrong = 0;
  auto longest = Clock::duration::zero();
  const bool whole_again = test::WaitFor(
      [&] {
        const auto begin = Clock::now();
        const auto reading = source.TryPoll();
        longest = std::max(longest, Clock::now() - begin);
        ++polls;
        if (!reading) {
          ++failed;
          std::cout << ToSeconds(Clock::now() - begin) << " s: " << reading.error().message
                    << std::endl;
          return false;
        }
        wrong += CountFalse(*reading);
        if (!IsComplete(*reading)) ++incomplete;
        return reading->nodes == 2U && IsComplete(*reading);
      },
      60s, 100ms);
  std::cout << polls << " polls, " << failed << " failed, " << incomplete
            << " incomplete, the longest " << ToSeconds(longest) << " s" << std::endl;
  EXPECT_TRUE(whole_again);
  EXPECT_EQ(wrong, 0);
  EXPECT_LT(longest, 7s) << "three times the timeout at most";

  // It comes back, and leaders and coordinators move again.
  cluster.broker(2).Start();
  const bool all_back = test::WaitFor(
      [&] {
        const auto reading = source.TryPoll();
        if (reading) wrong += CountFalse(*reading);
        return reading && reading->nodes == 3U && IsComplete(*reading);
      },
      60s, 100ms);
  EXPECT_TRUE(all_back);
  EXPECT_EQ(wrong, 0);
  // With the others restarted too, each leader, coordinator and controller has moved. Where commits
  // are followed more depends on them, and once takes long enough.
  if (GetParam() == KafkaOffsets::kFeed) {
    wrong += RestartWhilePolled(cluster.broker(0), source);
    wrong += RestartWhilePolled(cluster.broker(1), source);
  }
  EXPECT_EQ(wrong, 0);
  // What is committed now is known, wherever it is kept.
  for (int g = 0; g < kGroups; ++g) client.CommitOffsets(Group(g), {{"orders", 0, 10}});
  const auto seen = [&] {
    const auto reading = source.TryPoll();
    return reading && std::all_of(reading->groups.begin(), reading->groups.end(),
                                  [](const GroupReading& group) {
                                    return !group.partitions.empty() &&
                                           group.partitions[0].lag == 0;
                                  });
  };
  EXPECT_TRUE(test::WaitFor(seen, 60s, 100ms));
  EXPECT_EQ(source.telemetry().feed_mismatches.value_or(0), 0U);
}

INSTANTIATE_TEST_SUITE_P(Offsets, KafkaClusterTest,
                         testing::Values(KafkaOffsets::kFeed, KafkaOffsets::kAdmin),
                         [](const auto& offsets) {
                           return offsets.param == KafkaOffsets::kFeed ? "Followed" : "AskedFor";
                         });

}  // namespace
}  // namespace streamgauge
