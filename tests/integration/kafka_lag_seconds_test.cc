// The age of the oldest unread record against the records' own times, on a real broker.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kafka_polled.h"
#include "support/kafka_broker.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using test::KafkaBroker;
using test::KafkaTarget;
using test::PolledKafka;
using namespace std::chrono_literals;
using SystemTime = std::chrono::system_clock::time_point;

class KafkaLagSecondsTest : public testing::Test {
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

  // Records at the given times; the k-th is at offset k.
  static void Produce(test::KafkaClient& client, const std::string& topic,
                      const std::vector<SystemTime>& times) {
    for (const SystemTime& time : times) client.Produce(topic, 0, 1, 10, time);
  }

  // Polls until every lag has an age, as a restarted agent would; fails after some polls.
  static int PollUntilKnown(PolledKafka& source, const std::string& topic,
                            const std::string& group) {
    for (int polls = 1; polls <= 10; ++polls) {
      source.Poll();
      if (source.Group(topic, group)->lag_seconds) return polls;
    }
    return -1;
  }

  static double Age(const PolledKafka& source, const SystemTime& time) {
    return ToSeconds(source.reading().time -
                     std::chrono::time_point_cast<WallTime::duration>(time));
  }

  static KafkaBroker* broker_;
};
KafkaBroker* KafkaLagSecondsTest::broker_ = nullptr;

// Steady, bursty and silent stretches over ten days.
std::vector<SystemTime> IrregularTimes(int count) {
  std::mt19937 random(7);
  SystemTime time = std::chrono::system_clock::now() - std::chrono::hours(240);
  const auto step = std::chrono::hours(239) / count;
  std::vector<SystemTime> times;
  for (int i = 0; i < count; ++i) {
    const auto kind = random() % 10;
    if (kind < 6) {
      time += std::chrono::milliseconds(random() % 50);
    } else if (kind < 9) {
      time += std::chrono::milliseconds(random() % 60'000);
    } else {
      time += step;
    }
    times.push_back(time);
  }
  return times;
}

TEST_F(KafkaLagSecondsTest, OldLagIsKnownToTheSecondRightAfterAStart) {
  auto client = broker_->Connect();
  client.CreateTopic("old", 1, {{"retention.ms", "-1"}});
  const std::vector<SystemTime> times = IrregularTimes(400);
  Produce(client, "old", times);
  int most_polls = 0;
  double worst = 0;
  std::uint64_t questions = 0;
  for (const std::int64_t committed : {0, 1, 7, 50, 123, 200, 251, 333, 398, 399}) {
    const std::string group = "old-" + std::to_string(committed);
    client.CommitOffsets(group, {{"old", 0, committed}});
    KafkaTargetConfig config = TargetFor("old");
    config.groups.include = {group};
    PolledKafka source(config);  // knows nothing
    const int polls = PollUntilKnown(source, "old", group);
    ASSERT_GT(polls, 0) << "offset " << committed;
    most_polls = std::max(most_polls, polls);
    const double error = *source.Group("old", group)->lag_seconds -
                         Age(source, times[static_cast<std::size_t>(committed)]);
    worst = std::max(worst, std::abs(error));
    EXPECT_LT(std::abs(error), 1.0) << "offset " << committed;
    questions = std::max(questions, source.telemetry().requests.at("list_offsets"));
  }
  std::cout << "worst error " << worst << " s, at most " << most_polls << " polls and " << questions
            << " ListOffsets" << std::endl;
  EXPECT_LE(most_polls, 3);
}

TEST_F(KafkaLagSecondsTest, AMovingGroupFarBehindIsFollowed) {
  auto client = broker_->Connect();
  client.CreateTopic("moving", 1, {{"retention.ms", "-1"}});
  std::vector<SystemTime> times;
  SystemTime time = std::chrono::system_clock::now() - 1h;
  for (int i = 0; i < 200; ++i) times.push_back(time += 10s);
  Produce(client, "moving", times);
  client.CommitOffsets("mover", {{"moving", 0, 0}});
  PolledKafka source(TargetFor("moving"));
  ASSERT_GT(PollUntilKnown(source, "moving", "mover"), 0);
  for (std::int64_t committed = 3; committed < 200; committed += 31) {
    client.CommitOffsets("mover", {{"moving", 0, committed}});
    ASSERT_GT(PollUntilKnown(source, "moving", "mover"), 0) << committed;
    EXPECT_NEAR(*source.Group("moving", "mover")->lag_seconds,
                Age(source, times[static_cast<std::size_t>(committed)]), 1.0)
        << committed;
  }
}

TEST_F(KafkaLagSecondsTest, FreshLagIsKnownWithinOnePollInterval) {
  constexpr auto kInterval = 300ms;
  auto client = broker_->Connect();
  client.CreateTopic("fresh", 1);
  client.CommitOffsets("follower", {{"fresh", 0, 0}});
  PolledKafka source(TargetFor("fresh"));
  std::vector<SystemTime> times;
  int compared = 0;
  for (int round = 0; round < 12; ++round) {
    const auto next = std::chrono::steady_clock::now() + kInterval;
    source.Poll();
    const auto& group = *source.Group("fresh", "follower");
    if (group.lag != 0U) {
      ASSERT_TRUE(group.lag_seconds) << round;
      const auto oldest = static_cast<std::size_t>(group.partitions[0].committed_offset.value());
      EXPECT_NEAR(*group.lag_seconds, Age(source, times[oldest]), ToSeconds(kInterval)) << round;
      ++compared;
    }
    // A few records, and the group comes after them by some rounds.
    for (int i = 0; i < 3; ++i) {
      times.push_back(std::chrono::system_clock::now());
      client.Produce("fresh", 0, 1, 10, times.back());
    }
    if (round >= 4) client.CommitOffsets("follower", {{"fresh", 0, (round - 4) * 3 + 1}});
    ASSERT_TRUE(test::WaitFor([&] { return std::chrono::steady_clock::now() >= next; }, 5s));
  }
  EXPECT_GE(compared, 10);
  EXPECT_LE(source.telemetry().requests.at("list_offsets"), 12U * 3U + 30U)
      << "what is observed needs no search";
}

TEST_F(KafkaLagSecondsTest, AFutureTimestampIsClampedAndCounted) {
  auto client = broker_->Connect();
  client.CreateTopic("future", 1);
  Produce(client, "future", {std::chrono::system_clock::now() + 30min});
  client.CommitOffsets("early", {{"future", 0, 0}});
  PolledKafka source(TargetFor("future"));
  ASSERT_GT(PollUntilKnown(source, "future", "early"), 0);
  EXPECT_EQ(source.Group("future", "early")->lag_seconds, 0.0);
  EXPECT_GT(source.telemetry().clock_clamps, 0U);
}

TEST_F(KafkaLagSecondsTest, BehindATimestampOfTheFutureNothingHasAnAge) {
  auto client = broker_->Connect();
  client.CreateTopic("ahead", 1, {{"retention.ms", "-1"}});
  const SystemTime now = std::chrono::system_clock::now();
  Produce(client, "ahead", {now - 3h, now + 30min, now - 2h, now - 2h});
  client.CommitOffsets("before", {{"ahead", 0, 0}});
  client.CommitOffsets("behind", {{"ahead", 0, 3}});
  PolledKafka source(TargetFor("ahead"));
  ASSERT_GT(PollUntilKnown(source, "ahead", "before"), 0);
  source.Poll();
  EXPECT_EQ(source.Group("ahead", "behind")->lag, 1U);
  EXPECT_EQ(source.Group("ahead", "behind")->lag_seconds, std::nullopt) << "0 would be fresh";
}

TEST_F(KafkaLagSecondsTest, ATimestampThatIsNoTimeGivesNoAge) {
  auto client = broker_->Connect();
  client.CreateTopic("in-seconds", 1, {{"retention.ms", "-1"}});
  const SystemTime now = std::chrono::system_clock::now();
  Produce(client, "in-seconds", {SystemTime(now.time_since_epoch() / 1000), now - 1h});
  client.CommitOffsets("first", {{"in-seconds", 0, 0}});
  client.CommitOffsets("second", {{"in-seconds", 0, 1}});
  PolledKafka source(TargetFor("in-seconds"));
  ASSERT_GT(PollUntilKnown(source, "in-seconds", "second"), 0);
  EXPECT_EQ(source.Group("in-seconds", "first")->lag, 2U);
  EXPECT_EQ(source.Group("in-seconds", "first")->lag_seconds, std::nullopt);
}

TEST_F(KafkaLagSecondsTest, BehindTheStartItIsTheAgeOfTheFirstRecordThatIsStillThere) {
  auto client = broker_->Connect();
  client.CreateTopic("trimmed", 1, {{"retention.ms", "-1"}});
  const SystemTime now = std::chrono::system_clock::now();
  const std::vector<SystemTime> times = {now - 3h, now - 2h, now - 1h, now - 30min};
  Produce(client, "trimmed", times);
  client.CommitOffsets("behind", {{"trimmed", 0, 0}});
  client.DeleteRecords("trimmed", 0, 2);
  PolledKafka source(TargetFor("trimmed"));
  ASSERT_GT(PollUntilKnown(source, "trimmed", "behind"), 0);
  EXPECT_NEAR(*source.Group("trimmed", "behind")->lag_seconds, Age(source, times[2]), 1.0);
}

}  // namespace
}  // namespace streamgauge
