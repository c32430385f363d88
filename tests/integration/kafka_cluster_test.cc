// Three brokers, polled without a pause while one dies and the others are restarted: what they led
// and coordinated moves, and no figure is ever false. Brokers speak to each other by one listener
// and to clients by another, and each stands in a rack of its own.
#include "support/kafka_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "kafka_polled.h"
#include "support/loopback.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using test::KafkaBroker;
using test::KafkaCluster;
using test::PolledKafka;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kBrokers = 3;
constexpr int kGroups = 12;
constexpr int kPartitions = 6;
constexpr const char* kClients = "CLIENTS";  // the listener
constexpr auto kTimeout = 2s;
constexpr double kTwoPolls = 4;  // seconds, were they that far apart

std::string Group(int number) { return "group-" + std::to_string(number); }

// Of each partition of a group, as committed below.
std::int64_t LagOfPartition(int group) { return 10 - group % 5; }

// Groups that commit a record further each time. The names spread them over all partitions
// of the offsets topic, and so over all coordinators.
constexpr std::array kBusy = {"A", "B", "C", "D", "E", "F"};
constexpr const char* kBusyTopic = "busy";
constexpr int kRecords = 100;

bool IsBusy(const GroupReading& group) { return group.name->text().size() == 1; }

// False figures in a reading; absent ones are none.
int CountFalse(const Reading& reading) {
  int wrong = 0;
  for (const GroupReading& group : reading.groups) {
    if (IsBusy(group)) continue;
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
    const auto length =
        stream.name->text() == kBusyTopic ? std::uint64_t{kRecords} : 10U * kPartitions;
    if (stream.length && stream.length != length) ++wrong;
  }
  return wrong;
}

// What is false of the busy groups: a step back, or a rise that is counted twice.
class BusyGroups {
 public:
  int CountFalse(const Reading& reading) {
    int wrong = 0;
    for (const GroupReading& group : reading.groups) {
      if (IsBusy(group)) wrong += CountFalse(group, seen_[std::string(group.name->text())]);
    }
    return wrong;
  }

 private:
  struct Seen {
    std::optional<std::uint64_t> lag;
    std::optional<std::uint64_t> sum;  // of what is unread and what was delivered: always the same
  };

  static int CountFalse(const GroupReading& group, Seen& seen) {
    int wrong = 0;
    if (group.rewound || group.lost_total.value_or(0) != 0) ++wrong;
    if (!group.lag) return wrong;
    if (*group.lag > seen.lag.value_or(*group.lag)) ++wrong;
    seen.lag = group.lag;
    if (!group.delivered_total) return wrong;
    const std::uint64_t sum = *group.lag + *group.delivered_total;
    if (sum != seen.sum.value_or(sum)) ++wrong;
    seen.sum = sum;
    return wrong;
  }

  std::map<std::string, Seen> seen_;
};

bool IsWhole(const Reading& reading, std::size_t brokers) {
  return reading.nodes == brokers && reading.groups.size() == kGroups + kBusy.size() &&
         std::all_of(reading.groups.begin(), reading.groups.end(), [](const GroupReading& group) {
           return group.lag && group.completeness == 1.0;
         });
}

// Polls a source in a thread of its own, all the time.
class Polling {
 public:
  Polling(std::string name, const KafkaTargetConfig& config)
      : name_(std::move(name)), source_(config, kTimeout) {}

  // Waits for a poll that finds so many brokers and every group; only those count that begin now
  // or later. Returns how long that took.
  std::chrono::duration<double> AwaitWhole(std::size_t brokers) {
    const auto begin = Clock::now();
    {
      const std::lock_guard lock(mutex_);
      awaited_since_ = begin;
      awaited_ = brokers;
      whole_ = false;
    }
    EXPECT_TRUE(test::WaitFor([this] { return whole_.load(); }, 60s, 10ms)) << name_;
    return Clock::now() - begin;
  }
  // Ends it. What was false meanwhile fails the test.
  PolledKafka& Stop() {
    thread_ = {};
    std::cout << name_ << ": " << polls_ << " polls, " << failed_ << " failed, " << incomplete_
              << " incomplete, the longest " << ToSeconds(longest_) << " s" << std::endl;
    EXPECT_EQ(wrong_, 0) << name_;
    EXPECT_LT(longest_, 3 * kTimeout + 1s) << "three times the timeout at most";
    return source_;
  }

 private:
  void Poll() {
    const auto begin = Clock::now();
    const auto reading = source_.TryPoll();
    longest_ = std::max(longest_, Clock::now() - begin);
    ++polls_;
    if (!reading) {
      ++failed_;
      std::cout << name_ << ": " << reading.error().message << std::endl;
      return;
    }
    const int wrong = CountFalse(*reading) + busy_.CountFalse(*reading);
    if (wrong > 0 && wrong_ == 0) Show(*reading);
    wrong_ += wrong;
    const std::lock_guard lock(mutex_);
    const bool whole = IsWhole(*reading, awaited_);
    if (!whole) ++incomplete_;
    if (whole && begin >= awaited_since_) whole_ = true;
  }

  void Show(const Reading& reading) const {
    std::cout << name_ << " has a false figure in this:\n";
    for (const GroupReading& group : reading.groups) {
      std::cout << group.name->text() << ": lag " << group.lag.value_or(-1) << ", delivered "
                << group.delivered_total.value_or(-1) << (group.rewound ? ", rewound" : "")
                << std::endl;
    }
  }

  const std::string name_;
  PolledKafka source_;
  std::mutex mutex_;
  Clock::time_point awaited_since_;
  std::size_t awaited_ = kBrokers;
  std::atomic<bool> whole_ = false;
  // Of the thread, until it has ended.
  BusyGroups busy_;
  int polls_ = 0;
  int failed_ = 0;
  int incomplete_ = 0;
  int wrong_ = 0;
  Clock::duration longest_ = Clock::duration::zero();
  std::jthread thread_{[this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      Poll();
      std::this_thread::sleep_for(20ms);
    }
  }};
};

class KafkaClusterTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!KafkaBroker::Available()) return;
    cluster_ = std::make_unique<KafkaCluster>(
        kBrokers, test::KafkaBrokerOptions{
                      .properties = {{"offsets.topic.replication.factor", "3"},
                                     {"min.insync.replicas", "1"},
                                     // How long a follower does not know what is committed to all.
                                     {"replica.fetch.wait.max.ms", "2000"},
                                     {"replica.selector.class",
                                      "org.apache.kafka.common.replica.RackAwareReplicaSelector"}},
                      .heap_mib = 192,
                      .offsets_partitions = 6,
                      .listeners = {{kClients, "PLAINTEXT", {}, "localhost:PORT"}}});
    test::KafkaClient client(cluster_->bootstrap());
    client.CreateTopic("orders", kPartitions, {}, kBrokers);
    for (int p = 0; p < kPartitions; ++p) client.Produce("orders", p, 10);
    client.CreateTopic(kBusyTopic, 1, {}, kBrokers);
    client.Produce(kBusyTopic, 0, kRecords);
    for (int g = 0; g < kGroups; ++g) {
      std::vector<test::KafkaOffset> offsets;
      for (int p = 0; p < kPartitions; ++p) {
        offsets.push_back({"orders", p, 10 - LagOfPartition(g)});
      }
      client.CommitOffsets(Group(g), offsets);
    }
  }
  static void TearDownTestSuite() { cluster_.reset(); }
  void SetUp() override {
    STREAMGAUGE_REQUIRE(KafkaBroker::Available(), "Kafka and Java: run tools/setup.sh test");
  }

  static KafkaTargetConfig Target(KafkaOffsets offsets) {
    KafkaTargetConfig config = test::KafkaTarget("");
    config.brokers.clear();
    for (int i = 0; i < kBrokers; ++i) {
      config.brokers.push_back(cluster_->broker(static_cast<std::size_t>(i)).bootstrap(kClients));
    }
    config.groups.include = {"group-*", "?"};
    config.offsets = offsets;
    return config;
  }

  static std::unique_ptr<KafkaCluster> cluster_;
};
std::unique_ptr<KafkaCluster> KafkaClusterTest::cluster_;

TEST_F(KafkaClusterTest, ADeadBrokerToStartFromAndARackOfItsOwnAreNoHindrance) {
  KafkaTargetConfig config = Target(KafkaOffsets::kFeed);
  config.brokers = {"127.0.0.1:" + std::to_string(test::FreePort()),
                    cluster_->broker(1).bootstrap(kClients)};
  // Records are fetched from the replica in this rack, which leads a third of the partitions.
  config.properties["client.rack"] = KafkaCluster::Rack(2);
  config.groups.include = {"racked"};
  test::KafkaClient client(cluster_->bootstrap());
  client.CommitOffsets("racked", {{"orders", 0, 1}});
  PolledKafka source(config, kTimeout);
  ASSERT_TRUE(test::WaitFor([&] { return source.Poll().nodes == kBrokers; }, 20s, 100ms));
  for (const std::int64_t offset : {2, 3}) {
    client.CommitOffsets("racked", {{"orders", 0, offset}});
    source.Poll();
    const GroupReading* group = source.Group("orders", "racked");
    ASSERT_NE(group, nullptr);
    EXPECT_EQ(group->lag, static_cast<std::uint64_t>(10 - offset)) << "known in the same poll";
  }
  EXPECT_EQ(source.telemetry().feed_mismatches.value_or(0), 0U);
}

TEST_F(KafkaClusterTest, WhileABrokerDiesAndAllAreRestartedFiguresAreKeptOrAbsentAndComeBack) {
  std::int64_t next = 0;
  const auto commit_further = [&] {
    ++next;
    const auto committed = [&] {
      try {
        std::map<std::string, std::vector<test::KafkaOffset>> commits;
        for (const char* group : kBusy) commits[group] = {{kBusyTopic, 0, next}};
        test::KafkaClient(cluster_->bootstrap()).CommitOffsets(commits);
        return true;
      } catch (const std::runtime_error&) {
        return false;  // its coordinator is not known yet
      }
    };
    ASSERT_TRUE(test::WaitFor(committed, 20s, 100ms));
  };
  commit_further();
  // In each way of knowing what is committed.
  Polling followed("followed", Target(KafkaOffsets::kFeed));
  Polling asked_for("asked for", Target(KafkaOffsets::kAdmin));
  // Seconds until both are right.
  const auto await_whole = [&](const char* after, std::size_t brokers) {
    const double first = followed.AwaitWhole(brokers).count();
    const double second = first + asked_for.AwaitWhole(brokers).count();
    std::cout << after << ": right after " << first << " s, " << second << " s" << std::endl;
    return second;
  };
  await_whole("at first", kBrokers);
  // What was committed just before a coordinator goes is seen, and the next one does not know it
  // for certain at once.
  commit_further();
  await_whole("a commit", kBrokers);
  cluster_->broker(2).Kill();
  await_whole("one is dead", kBrokers - 1);
  cluster_->broker(2).Start();
  cluster_->broker(2).WaitUntilReady(kBrokers);
  EXPECT_LT(await_whole("it is back", kBrokers), kTwoPolls);
  // With the others restarted too, each leader, coordinator and controller has moved.
  for (const std::size_t i : {0U, 1U}) {
    commit_further();
    await_whole("a commit", kBrokers);
    cluster_->broker(i).Restart();
    cluster_->broker(i).WaitUntilReady(kBrokers);
    EXPECT_LT(await_whole("a restart", kBrokers), kTwoPolls);
  }
  // What is committed now is known, wherever it is kept.
  PolledKafka& fed = followed.Stop();
  PolledKafka& asking = asked_for.Stop();
  test::KafkaClient client(cluster_->bootstrap());
  for (int g = 0; g < kGroups; ++g) client.CommitOffsets(Group(g), {{"orders", 0, 10}});
  for (PolledKafka* source : {&fed, &asking}) {
    const auto seen = [&] {
      const auto& groups = source->Poll().groups;
      return std::all_of(groups.begin(), groups.end(), [](const GroupReading& group) {
        return IsBusy(group) || (!group.partitions.empty() && group.partitions[0].lag == 0);
      });
    };
    EXPECT_TRUE(test::WaitFor(seen, 20s, 100ms));
  }
}

}  // namespace
}  // namespace streamgauge
