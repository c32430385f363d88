// The Kafka fixtures themselves, on one broker for all cases.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/kafka_broker.h"
#include "support/kafka_member.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

class KafkaFixtureTest : public testing::Test {
 protected:
  static void TearDownTestSuite() { broker_.reset(); }

  void SetUp() override {
    STREAMGAUGE_REQUIRE(KafkaBroker::Available(), "Apache Kafka: run tools/setup.sh test");
    if (!broker_) broker_ = std::make_unique<KafkaBroker>();
  }

  static std::unique_ptr<KafkaBroker> broker_;
};

std::unique_ptr<KafkaBroker> KafkaFixtureTest::broker_;

bool WatermarksFail(KafkaClient& client, const std::string& topic, std::int32_t partition) {
  try {
    client.Watermarks(topic, partition);
    return false;
  } catch (const std::runtime_error&) {
    return true;
  }
}

TEST_F(KafkaFixtureTest, TopicsRecordsAndCommitsAreWhatKafkaSaysTheyAre) {
  KafkaClient client = broker_->Connect();
  client.CreateTopic("orders", 2);
  client.Produce("orders", 1, 10);
  client.DeleteRecords("orders", 1, 4);
  client.CommitOffsets("billing", {{"orders", 1, 6}});

  const KafkaWatermarks marks = client.Watermarks("orders", 1);
  EXPECT_EQ(marks.start, 4);
  EXPECT_EQ(marks.end, 10);
  const auto committed = client.CommittedOffsets("billing");
  ASSERT_EQ(committed.size(), 1U);
  EXPECT_EQ(committed[0].offset, 6);

  const Finished tool = broker_->RunTool(
      "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
      {"--bootstrap-server", broker_->bootstrap(), "--describe", "--group", "billing"});
  EXPECT_EQ(tool.exit_code, 0) << tool.err;
  EXPECT_NE(tool.out.find("orders"), std::string::npos) << tool.out;

  client.AddPartitions("orders", 3);
  client.DeleteGroup("billing");
  client.DeleteTopic("orders");
  // The broker goes on answering for a deleted topic for a moment.
  EXPECT_TRUE(WaitFor([&] { return WatermarksFail(client, "orders", 1); }, seconds(30)));
}

TEST_F(KafkaFixtureTest, OpenTransactionCountsToTheEndOffset) {
  KafkaClient client = broker_->Connect();
  client.CreateTopic("ledger");
  KafkaTransaction transaction(broker_->bootstrap(), "ledger-writer");
  transaction.Produce("ledger", 0, 5);
  EXPECT_EQ(client.Watermarks("ledger", 0).end, 5);
  transaction.Abort();
  EXPECT_EQ(client.Watermarks("ledger", 0).end, 6) << "five records and the marker";
  client.DeleteTopic("ledger");
}

TEST_F(KafkaFixtureTest, MembersOfBothProtocolsReadAndCommit) {
  KafkaClient client = broker_->Connect();
  client.CreateTopic("mail", 2);
  client.Produce("mail", 0, 7);
  for (const GroupProtocol protocol : {GroupProtocol::kClassic, GroupProtocol::kConsumer}) {
    const std::string group = protocol == GroupProtocol::kClassic ? "classic" : "kip848";
    const KafkaMember member(broker_->bootstrap(),
                             {.group = group, .topics = {"mail"}, .protocol = protocol});
    EXPECT_TRUE(WaitFor([&] { return member.consumed() == 7; }, seconds(60))) << group;
    EXPECT_EQ(member.assigned_partitions(), 2) << group;
    const auto committed = client.CommittedOffsets(group);
    EXPECT_TRUE(std::any_of(committed.begin(), committed.end(), [](const KafkaOffset& o) {
      return o.partition == 0 && o.offset == 7;
    })) << group;
  }
  client.DeleteTopic("mail");
}

TEST_F(KafkaFixtureTest, ComesBackWithItsDataAfterAKill) {
  KafkaClient client = broker_->Connect();
  client.CreateTopic("kept");
  client.Produce("kept", 0, 3);
  client.CommitOffsets("keeper", {{"kept", 0, 2}});
  broker_->Kill();
  broker_->Start();
  KafkaClient again = broker_->Connect();
  EXPECT_EQ(again.Watermarks("kept", 0).end, 3);
  EXPECT_EQ(again.CommittedOffsets("keeper").size(), 1U);
  again.DeleteTopic("kept");
}

}  // namespace
}  // namespace streamgauge::test
