// The Kafka source against a real broker: groups, members, states, topics and what goes wrong.
#include "kafka/kafka_source.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "kafka_polled.h"
#include "support/kafka_broker.h"
#include "support/kafka_member.h"
#include "support/loopback.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using test::GroupProtocol;
using test::KafkaBroker;
using test::KafkaMember;
using test::KafkaTarget;
using test::PolledKafka;
using test::WaitFor;
using namespace std::chrono_literals;

// One broker for all tests: each uses topics and groups of its own.
class KafkaSourceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (KafkaBroker::Available()) broker_ = new KafkaBroker();
  }
  static void TearDownTestSuite() {
    delete broker_;
    broker_ = nullptr;
  }
  void SetUp() override {
    STREAMGAUGE_REQUIRE(KafkaBroker::Available(), "Kafka and Java: run tools/setup.sh test");
  }

  static KafkaTargetConfig TargetFor(const std::string& topic) {
    KafkaTargetConfig config = KafkaTarget(broker_->bootstrap());
    config.streams.include = {topic};
    return config;
  }

  static KafkaBroker* broker_;
};
KafkaBroker* KafkaSourceTest::broker_ = nullptr;

TEST_F(KafkaSourceTest, LagIsWhatTheGroupHasNotCommitted) {
  auto client = broker_->Connect();
  client.CreateTopic("lag", 3, {{"retention.ms", "3600000"}, {"retention.bytes", "-1"}});
  client.Produce("lag", 0, 10);
  client.Produce("lag", 1, 20);
  client.CommitOffsets("lag-reader", {{"lag", 0, 4}, {"lag", 1, 20}, {"lag", 2, 0}});
  PolledKafka source(TargetFor("lag"));
  source.Poll();

  const StreamReading* stream = source.Stream("lag");
  ASSERT_NE(stream, nullptr);
  EXPECT_EQ(stream->length, 30U);
  EXPECT_EQ(stream->partition_count, 3U);
  EXPECT_EQ(stream->retention_seconds, 3600.0);
  EXPECT_FALSE(stream->retention_unlimited);
  EXPECT_FALSE(stream->compacted);
  EXPECT_EQ(stream->partitions[1].end_offset, 20);
  EXPECT_EQ(stream->partitions[1].stable_offset, 20);
  EXPECT_EQ(stream->partitions[1].leader, 1);
  EXPECT_EQ(stream->partitions[1].replicas, 1);
  EXPECT_EQ(stream->partitions[1].in_sync_replicas, 1);

  const GroupReading* group = source.Group("lag", "lag-reader");
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(group->lag, 6U);
  EXPECT_EQ(group->lag_source, LagSource::kExact);
  EXPECT_EQ(group->completeness, 1.0);
  EXPECT_EQ(group->members, 0U);
  EXPECT_EQ(group->members_state, MembersState::kEmpty);
  EXPECT_EQ(group->headroom_messages, 4U);
  EXPECT_EQ(group->position, (Position{24, 0}));
  EXPECT_EQ(group->delivered_total, 0U);
  EXPECT_EQ(group->lost_total, 0U);
  ASSERT_EQ(group->partitions.size(), 3U);
  EXPECT_EQ(group->partitions[0].committed_offset, 4);
  EXPECT_EQ(group->partitions[0].lag, 6);
  EXPECT_EQ(group->partitions[1].lag_seconds, 0.0);
}

TEST_F(KafkaSourceTest, CountersAreRisesSinceTheAgentStarted) {
  auto client = broker_->Connect();
  client.CreateTopic("counters", 1);
  client.Produce("counters", 0, 10);
  client.CommitOffsets("counting", {{"counters", 0, 2}});
  PolledKafka source(TargetFor("counters"));
  source.Poll();
  EXPECT_EQ(source.Stream("counters")->appended_total, 0U);
  client.Produce("counters", 0, 5);
  client.DeleteRecords("counters", 0, 3);
  client.CommitOffsets("counting", {{"counters", 0, 9}});
  source.Poll();
  EXPECT_EQ(source.Stream("counters")->appended_total, 5U);
  EXPECT_EQ(source.Stream("counters")->removed_total, 3U);
  EXPECT_EQ(source.Stream("counters")->trimmed_total, 3U);
  EXPECT_EQ(source.Group("counters", "counting")->delivered_total, 7U);
  EXPECT_EQ(source.Group("counters", "counting")->acknowledged_total, 7U);
}

TEST_F(KafkaSourceTest, AnOpenTransactionKeepsTheStableOffsetBack) {
  auto client = broker_->Connect();
  client.CreateTopic("transactional", 1);
  client.Produce("transactional", 0, 2);
  test::KafkaTransaction transaction(broker_->bootstrap(), "open-one");
  transaction.Produce("transactional", 0, 3);
  client.CommitOffsets("waiting", {{"transactional", 0, 2}});  // so that every poll reads it
  PolledKafka source(TargetFor("transactional"));
  const auto expect = [&](std::int64_t end, std::int64_t stable, const char* when) {
    source.Poll();
    EXPECT_EQ(source.Stream("transactional")->partitions[0].end_offset, end) << when;
    EXPECT_EQ(source.Stream("transactional")->partitions[0].stable_offset, stable) << when;
  };
  expect(5, 2, "open");
  expect(5, 2, "open still");
  transaction.Abort();
  expect(6, 6, "aborted");
  expect(6, 6, "nothing came");
  transaction.Produce("transactional", 0, 1);
  expect(7, 6, "another one is open");
}

class KafkaMembersTest : public KafkaSourceTest,
                         public testing::WithParamInterface<GroupProtocol> {};

TEST_P(KafkaMembersTest, MembersAndStatesAreThoseOfTheGroup) {
  const std::string topic = GetParam() == GroupProtocol::kClassic ? "classic" : "kip848";
  const std::string group = topic + "-group";
  auto client = broker_->Connect();
  client.CreateTopic(topic, 4);
  for (int partition = 0; partition < 4; ++partition) client.Produce(topic, partition, 3);
  PolledKafka source(TargetFor(topic));
  auto one = std::make_unique<KafkaMember>(
      broker_->bootstrap(),
      test::KafkaMemberOptions{.group = group, .topics = {topic}, .protocol = GetParam()});
  auto two = std::make_unique<KafkaMember>(
      broker_->bootstrap(),
      test::KafkaMemberOptions{.group = group, .topics = {topic}, .protocol = GetParam()});
  ASSERT_TRUE(WaitFor(
      [&] {
        source.Poll();
        const GroupReading* reading = source.Group(topic, group);
        return reading != nullptr && reading->members_state == MembersState::kStable &&
               reading->members == 2U && reading->lag == 0U;
      },
      30s, 100ms));
  EXPECT_FALSE(source.Group(topic, group)->abandoned);
  EXPECT_EQ(source.Group(topic, group)->lag_seconds, 0.0);

  one.reset();
  two.reset();
  client.Produce(topic, 0, 7);
  // Nobody is there any more: that is when the lag matters.
  ASSERT_TRUE(WaitFor(
      [&] {
        source.Poll();
        return source.Group(topic, group)->members_state == MembersState::kEmpty;
      },
      30s, 100ms));
  EXPECT_EQ(source.Group(topic, group)->members, 0U);
  EXPECT_EQ(source.Group(topic, group)->lag, 7U);
}

INSTANTIATE_TEST_SUITE_P(Protocols, KafkaMembersTest,
                         testing::Values(GroupProtocol::kClassic, GroupProtocol::kConsumer),
                         [](const auto& param_info) {
                           return param_info.param == GroupProtocol::kClassic ? "Classic"
                                                                              : "Kip848";
                         });

TEST_F(KafkaSourceTest, AMembersPartitionWithoutACommitHasNoLagAndLeavesNoSum) {
  auto client = broker_->Connect();
  client.CreateTopic("uncommitted", 2);
  client.Produce("uncommitted", 0, 3);
  client.Produce("uncommitted", 1, 3);
  KafkaMember member(broker_->bootstrap(),
                     {.group = "never-commits", .topics = {"uncommitted"}, .commits = false});
  PolledKafka source(TargetFor("uncommitted"));
  ASSERT_TRUE(WaitFor(
      [&] {
        source.Poll();
        return source.Group("uncommitted", "never-commits") != nullptr;
      },
      30s, 100ms));
  const GroupReading* group = source.Group("uncommitted", "never-commits");
  EXPECT_EQ(group->lag, std::nullopt);
  EXPECT_EQ(group->lag_source, LagSource::kUnknown);
  EXPECT_EQ(group->completeness, 1.0);
  EXPECT_EQ(source.Skipped("uncommitted_partition"), 2U);
  EXPECT_TRUE(group->partitions.empty());
}

TEST_F(KafkaSourceTest, AReCreatedTopicHasNoLagUntilTheNextCommit) {
  auto client = broker_->Connect();
  client.CreateTopic("again", 1);
  client.Produce("again", 0, 10);
  client.CommitOffsets("before", {{"again", 0, 6}});
  PolledKafka source(TargetFor("again"));
  source.Poll();
  const std::uint64_t incarnation = source.Stream("again")->incarnation;
  ASSERT_EQ(source.Group("again", "before")->lag, 4U);

  client.DeleteTopic("again");
  client.CreateTopic("again", 1);
  client.Produce("again", 0, 20);
  // What a consumer that noticed nothing commits: a place in the log that is gone.
  client.CommitOffsets("before", {{"again", 0, 6}});
  source.Poll();
  EXPECT_NE(source.Stream("again")->incarnation, incarnation);
  ASSERT_NE(source.Group("again", "before"), nullptr);
  EXPECT_EQ(source.Group("again", "before")->lag, std::nullopt);
  EXPECT_TRUE(source.Group("again", "before")->rewound);

  client.CommitOffsets("before", {{"again", 0, 12}});
  source.Poll();
  EXPECT_EQ(source.Group("again", "before")->lag, 8U);
  EXPECT_FALSE(source.Group("again", "before")->rewound);
}

TEST_F(KafkaSourceTest, ADeletedTopicAndItsGroupsGoAtOnce) {
  auto client = broker_->Connect();
  client.CreateTopic("deleted", 1);
  client.Produce("deleted", 0, 1);
  client.CommitOffsets("left-behind", {{"deleted", 0, 1}});
  PolledKafka source(TargetFor("deleted"));
  source.Poll();
  ASSERT_NE(source.Stream("deleted"), nullptr);
  client.DeleteTopic("deleted");
  source.Poll();
  EXPECT_EQ(source.Stream("deleted"), nullptr);
  EXPECT_EQ(source.Group("deleted", "left-behind"), nullptr);
}

TEST_F(KafkaSourceTest, AResetToAnEarlierOffsetIsRewoundUntilItsOldPlaceIsPassed) {
  auto client = broker_->Connect();
  client.CreateTopic("reset", 1);
  client.Produce("reset", 0, 10);
  client.CommitOffsets("resetting", {{"reset", 0, 8}});
  PolledKafka source(TargetFor("reset"));
  source.Poll();
  client.CommitOffsets("resetting", {{"reset", 0, 2}});
  source.Poll();
  EXPECT_TRUE(source.Group("reset", "resetting")->rewound);
  EXPECT_EQ(source.Group("reset", "resetting")->lag, 8U);
  client.CommitOffsets("resetting", {{"reset", 0, 8}});
  source.Poll();
  EXPECT_FALSE(source.Group("reset", "resetting")->rewound);
}

TEST_F(KafkaSourceTest, RecordsDeletedBeforeTheyWereCommittedAreLost) {
  auto client = broker_->Connect();
  client.CreateTopic("losing", 1);
  client.Produce("losing", 0, 100);
  client.CommitOffsets("loser", {{"losing", 0, 10}});
  PolledKafka source(TargetFor("losing"));
  source.Poll();
  source.Poll();
  client.DeleteRecords("losing", 0, 50);
  source.Poll();
  EXPECT_EQ(source.Group("losing", "loser")->lost_total, 0U) << "it may be about to commit them";
  source.Poll();
  EXPECT_EQ(source.Group("losing", "loser")->lost_total, 40U);
  EXPECT_EQ(source.Group("losing", "loser")->lag, 50U) << "of what still exists";
  EXPECT_EQ(source.Group("losing", "loser")->headroom_messages, 0U);
  source.Poll();
  EXPECT_EQ(source.Group("losing", "loser")->lost_total, 40U);
}

TEST_F(KafkaSourceTest, FiltersAndLimitsAreDeterministicAndLimitsAreCounted) {
  auto client = broker_->Connect();
  for (const char* topic : {"limit-a", "limit-b", "limit-c"}) client.CreateTopic(topic, 1);
  for (const char* group : {"limited-1", "limited-2", "limited-3", "other"}) {
    client.CommitOffsets(group, {{"limit-a", 0, 0}, {"limit-b", 0, 0}});
  }
  KafkaTargetConfig config = TargetFor("limit-*");
  config.streams.exclude = {"*-b"};
  config.groups.include = {"limited-*"};
  config.max_streams = 1;
  config.max_groups = 2;
  PolledKafka source(config);
  source.Poll();
  EXPECT_NE(source.Stream("limit-a"), nullptr);
  EXPECT_EQ(source.reading().streams.size(), 1U);
  EXPECT_NE(source.Group("limit-a", "limited-1"), nullptr);
  EXPECT_NE(source.Group("limit-a", "limited-2"), nullptr);
  EXPECT_EQ(source.reading().groups.size(), 2U);
  EXPECT_EQ(source.Skipped("stream"), 1U) << "limit-c; what is filtered is not counted";
  EXPECT_EQ(source.Skipped("group"), 1U);
}

TEST_F(KafkaSourceTest, ATopicThatAppearsIsFoundByItsGroupsCommit) {
  auto client = broker_->Connect();
  client.CreateTopic("appears-first", 1);
  PolledKafka source(TargetFor("appears-*"));
  source.Poll();
  client.CreateTopic("appears-later", 2);
  client.Produce("appears-later", 1, 4);
  client.CommitOffsets("finder", {{"appears-later", 1, 1}});
  source.Poll();
  ASSERT_NE(source.Group("appears-later", "finder"), nullptr);
  EXPECT_EQ(source.Group("appears-later", "finder")->lag, 3U);
}

TEST_F(KafkaSourceTest, PartitionsThatAreAddedAreReadInTheSamePoll) {
  auto client = broker_->Connect();
  client.CreateTopic("grows", 1);
  client.CommitOffsets("growing", {{"grows", 0, 0}});
  PolledKafka source(TargetFor("grows"));
  source.Poll();
  client.AddPartitions("grows", 3);
  client.Produce("grows", 2, 5);
  client.CommitOffsets("growing", {{"grows", 2, 1}});
  source.Poll();
  EXPECT_EQ(source.Stream("grows")->length, 5U);
  EXPECT_EQ(source.Group("grows", "growing")->lag, 4U);
}

TEST_F(KafkaSourceTest, AStopEndsAPollAtOnce) {
  // Nobody answers there: without the stop the poll would take its timeout.
  PolledKafka source(KafkaTarget("127.0.0.1:" + std::to_string(test::FreePort())), 20s);
  std::stop_source stop;
  stop.request_stop();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(source.TryPoll(stop.get_token()));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 500ms);
}

TEST_F(KafkaSourceTest, PropertiesThatDoNotGoTogetherAreAnErrorWithoutTheSecret) {
  KafkaTargetConfig config = KafkaTarget(broker_->bootstrap());
  config.properties = {{"security.protocol", "SASL_PLAINTEXT"},
                       {"sasl.mechanisms", "NO_SUCH"},
                       {"sasl.username", "monitor"},
                       {"sasl.password", "hunter2"}};
  PolledKafka source(config);
  const auto result = source.TryPoll();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::kUnsupported);
  EXPECT_NE(result.error().message.find("NO_SUCH"), std::string::npos) << result.error().message;
  EXPECT_EQ(result.error().message.find("hunter2"), std::string::npos) << result.error().message;
}

}  // namespace
}  // namespace streamgauge
