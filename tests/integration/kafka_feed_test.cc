// Following the offsets topic of a real broker: what it says is what the coordinators say, and a
// poll in which nothing happened asks for hardly anything.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "kafka_polled.h"
#include "support/kafka_broker.h"
#include "support/kafka_member.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using test::KafkaBroker;
using test::KafkaClient;
using test::PolledKafka;
using namespace std::chrono_literals;

// A producer that commits a group's offset as part of its transaction.
class OffsetTransaction {
 public:
  OffsetTransaction(const std::string& bootstrap, const std::string& id)
      : handle_(test::MakeKafkaHandle(
            RD_KAFKA_PRODUCER, {{"bootstrap.servers", bootstrap}, {"transactional.id", id}})) {
    test::ThrowIf(rd_kafka_init_transactions(handle_.get(), 20'000), "init transactions");
  }
  void Send(const std::string& group, const std::string& topic, std::int64_t offset) {
    test::ThrowIf(rd_kafka_begin_transaction(handle_.get()), "begin");
    const test::KafkaPartitions list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = offset;
    rd_kafka_consumer_group_metadata_t* of = rd_kafka_consumer_group_metadata_new(group.c_str());
    rd_kafka_error_t* error =
        rd_kafka_send_offsets_to_transaction(handle_.get(), list.get(), of, 20'000);
    rd_kafka_consumer_group_metadata_destroy(of);
    test::ThrowIf(error, "send offsets");
  }
  void Commit() { test::ThrowIf(rd_kafka_commit_transaction(handle_.get(), 20'000), "commit"); }
  void Abort() { test::ThrowIf(rd_kafka_abort_transaction(handle_.get(), 20'000), "abort"); }

 private:
  test::KafkaHandle handle_;
};

class KafkaFeedTest : public testing::Test {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(KafkaBroker::Available(), "Kafka and Java: run tools/setup.sh test");
  }
  static KafkaTargetConfig Target(const KafkaBroker& broker, KafkaOffsets offsets) {
    KafkaTargetConfig config = test::KafkaTarget(broker.bootstrap());
    config.offsets = offsets;
    return config;
  }
  static std::optional<std::int64_t> Committed(const PolledKafka& source, const char* group) {
    const GroupReading* reading = source.Group("orders", group);
    const auto* partition = reading == nullptr ? nullptr : PolledKafka::Partition(*reading, 0);
    return partition == nullptr ? std::nullopt : partition->committed_offset;
  }
  static bool Followed(const PolledKafka& source, const char* group) {
    const GroupReading* reading = source.Group("orders", group);
    return reading != nullptr && reading->commits_total;
  }
};

TEST_F(KafkaFeedTest, CommitsAreSeenAsTheyHappen) {
  const KafkaBroker broker({.offsets_partitions = 1});
  KafkaClient client = broker.Connect();
  client.CreateTopic("orders");
  client.Produce("orders", 0, 20);
  client.CommitOffsets("billing", {{"orders", 0, 3}});
  client.CommitOffsets("idle", {{"orders", 0, 1}});
  PolledKafka source(Target(broker, KafkaOffsets::kFeed));
  ASSERT_TRUE(test::WaitFor([&] { return source.Poll(), Followed(source, "billing"); }, 20s, 50ms));
  EXPECT_EQ(Committed(source, "billing"), 3);

  const std::uint64_t fetched = source.telemetry().requests.at("offset_fetch");
  const std::uint64_t before = *source.Group("orders", "billing")->commits_total;
  client.CommitOffsets("billing", {{"orders", 0, 4}});
  client.CommitOffsets("billing", {{"orders", 0, 7}});
  source.Poll();
  EXPECT_EQ(Committed(source, "billing"), 7);
  const GroupReading& billing = *source.Group("orders", "billing");
  EXPECT_EQ(billing.lag, 13U);
  EXPECT_EQ(billing.commits_total, before + 2);
  ASSERT_TRUE(billing.last_commit);
  EXPECT_LT(WallNow() - *billing.last_commit, 20s);
  EXPECT_GE(WallNow() - *billing.last_commit, 0s);
  EXPECT_EQ(Committed(source, "idle"), 1);
  EXPECT_LE(source.telemetry().requests.at("offset_fetch") - fetched, 1U)
      << "one group a poll is compared; the rest is known";

  client.DeleteGroup("billing");
  source.Poll();
  EXPECT_EQ(source.Group("orders", "billing"), nullptr);
  EXPECT_EQ(Committed(source, "idle"), 1);
  for (int i = 0; i < 5; ++i) source.Poll();
  EXPECT_EQ(source.telemetry().feed_mismatches, 0U);
}

TEST_F(KafkaFeedTest, WhatIsCommittedInATransactionCountsOnceThatEnds) {
  const KafkaBroker broker({.offsets_partitions = 1});
  KafkaClient client = broker.Connect();
  client.CreateTopic("orders");
  client.Produce("orders", 0, 20);
  client.CommitOffsets("billing", {{"orders", 0, 3}});
  client.CommitOffsets("other", {{"orders", 0, 1}});
  PolledKafka source(Target(broker, KafkaOffsets::kFeed));
  ASSERT_TRUE(test::WaitFor([&] { return source.Poll(), Followed(source, "billing"); }, 20s, 50ms));
  OffsetTransaction transaction(broker.bootstrap(), "ledger");

  transaction.Send("billing", "orders", 9);
  client.CommitOffsets("other", {{"orders", 0, 2}});
  source.Poll();
  EXPECT_EQ(Committed(source, "billing"), 3) << "open";
  EXPECT_EQ(Committed(source, "other"), 2) << "behind the open transaction, and asked for";
  EXPECT_FALSE(Followed(source, "other"));
  transaction.Abort();
  const auto followed = [&] { return source.Poll(), Followed(source, "other"); };
  ASSERT_TRUE(test::WaitFor(followed, 20s, 50ms)) << "the marker at the end holds nothing up";
  EXPECT_EQ(Committed(source, "billing"), 3) << "aborted";
  EXPECT_EQ(Committed(source, "other"), 2);

  transaction.Send("billing", "orders", 11);
  transaction.Commit();
  const auto committed = [&] { return source.Poll(), Committed(source, "billing") == 11; };
  EXPECT_TRUE(test::WaitFor(committed, 20s, 50ms));
  for (int i = 0; i < 5; ++i) source.Poll();
  EXPECT_EQ(Committed(source, "billing"), 11);
  EXPECT_TRUE(Followed(source, "billing"));
  EXPECT_EQ(source.telemetry().feed_mismatches, 0U);
}

TEST_F(KafkaFeedTest, MembersAreDescribedWhenTheirRecordsChange) {
  const KafkaBroker broker;
  KafkaClient client = broker.Connect();
  client.CreateTopic("orders", 2);
  client.Produce("orders", 0, 5);
  client.CommitOffsets("billing", {{"orders", 0, 0}, {"orders", 1, 0}});
  PolledKafka source(Target(broker, KafkaOffsets::kFeed));
  for (const auto protocol : {test::GroupProtocol::kClassic, test::GroupProtocol::kConsumer}) {
    const std::string group = protocol == test::GroupProtocol::kClassic ? "classic" : "kip848";
    const auto members = [&](std::uint32_t count) {
      return test::WaitFor(
          [&] {
            source.Poll();
            const GroupReading* reading = source.Group("orders", group);
            return reading != nullptr && reading->members == count;
          },
          40s, 100ms);
    };
    test::KafkaMemberOptions options{.group = group, .topics = {"orders"}, .protocol = protocol};
    const test::KafkaMember first(broker.bootstrap(), options);
    EXPECT_TRUE(members(1)) << group;
    const test::KafkaMember second(broker.bootstrap(), options);
    EXPECT_TRUE(members(2)) << group;
    EXPECT_GE(source.Group("orders", group)->rebalances_total.value_or(0), 0U);
  }
}

TEST_F(KafkaFeedTest, NothingIsLostWhenTheBrokerRestarts) {
  KafkaBroker broker;
  KafkaClient client = broker.Connect();
  client.CreateTopic("orders");
  client.Produce("orders", 0, 20);
  client.CommitOffsets("billing", {{"orders", 0, 3}});
  PolledKafka source(Target(broker, KafkaOffsets::kFeed));
  ASSERT_TRUE(test::WaitFor([&] { return source.Poll(), Followed(source, "billing"); }, 20s, 50ms));
  broker.Kill();
  EXPECT_FALSE(source.TryPoll());
  broker.Start();
  broker.Connect().CommitOffsets("billing", {{"orders", 0, 8}});
  const auto again = [&] { return source.TryPoll() && source.Poll().groups.size() == 1; };
  ASSERT_TRUE(test::WaitFor(again, 40s, 100ms));
  EXPECT_EQ(Committed(source, "billing"), 8);
  ASSERT_TRUE(test::WaitFor([&] { return source.Poll(), Followed(source, "billing"); }, 20s, 50ms));
  EXPECT_EQ(Committed(source, "billing"), 8);
}

TEST_F(KafkaFeedTest, WithoutTheRightToReadTheTopicGroupsAreAskedFor) {
  const KafkaBroker broker(
      {.properties = {
           {"authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"},
           {"allow.everyone.if.no.acl.found", "true"}}});
  KafkaClient client = broker.Connect();
  client.CreateTopic("orders");
  client.Produce("orders", 0, 20);
  client.CommitOffsets("billing", {{"orders", 0, 3}});
  // With one right granted to somebody, nobody has another: seen, but not read.
  const test::Finished acl = broker.RunTool(
      "org.apache.kafka.tools.AclCommand",
      {"--bootstrap-server", broker.bootstrap(), "--add", "--allow-principal", "User:ANONYMOUS",
       "--operation", "Describe", "--topic", "__consumer_offsets"});
  ASSERT_EQ(acl.exit_code, 0) << acl.out << acl.err;
  PolledKafka by_itself(Target(broker, KafkaOffsets::kAuto));
  for (int poll = 0; poll < 3; ++poll) {
    by_itself.Poll();
    EXPECT_EQ(Committed(by_itself, "billing"), 3);
    EXPECT_FALSE(Followed(by_itself, "billing"));
  }
  PolledKafka required(Target(broker, KafkaOffsets::kFeed));
  ASSERT_TRUE(test::WaitFor([&] { return !required.TryPoll(); }, 20s, 50ms));
  const auto error = required.TryPoll();
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().reason, Reason::kUnauthorized);
  EXPECT_NE(error.error().message.find("grant Read on Topic __consumer_offsets"), std::string::npos)
      << error.error().message;
}

}  // namespace
}  // namespace streamgauge
