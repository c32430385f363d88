#include "signals/headroom.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace streamgauge {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

Trend Rising(double from, double to) {
  return {.direction = Direction::kRising, .first = from, .last = to, .seconds = 300};
}

class RedisHeadroom : public testing::Test {
 protected:
  RedisHeadroom() { group_.headroom_messages = 6'000; }
  Headroom Of() { return HeadroomOf(input_); }

  StreamReading stream_;
  GroupReading group_;
  // 50 trimmed and 40 delivered a second.
  HeadroomInput input_{.stream = &stream_,
                       .group = &group_,
                       .window = 300,
                       .settled = 300,
                       .trim_ago = 20,
                       .trimmed = Rise{15'000, 300},
                       .delivered = Rise{12'000, 300},
                       .headroom_messages = {.direction = Direction::kFalling},
                       .fall = 3'000,
                       .swing = 900};
};

TEST_F(RedisHeadroom, IsWhatIsLeftByHowFastItShrinks) {
  EXPECT_DOUBLE_EQ(Of().seconds.value(), 600);
  EXPECT_DOUBLE_EQ(Of().loss_in_seconds.value(), 600);
}

TEST_F(RedisHeadroom, IsAbsentWhenNoTrimmingWasSeen) {
  input_.trimmed = Rise{0, 300};
  EXPECT_FALSE(Of().seconds);
  input_.trimmed.reset();
  EXPECT_FALSE(Of().seconds);
}

TEST_F(RedisHeadroom, IsAbsentWhenTrimmingHasStopped) {
  input_.trim_ago = 100;
  EXPECT_TRUE(Of().seconds);
  input_.trim_ago = 101;
  EXPECT_FALSE(Of().seconds);
  input_.trim_ago.reset();
  EXPECT_FALSE(Of().seconds);
}

TEST_F(RedisHeadroom, IsAbsentForAWindowAfterTheGroupWentBack) {
  input_.settled = 299;
  EXPECT_FALSE(Of().seconds);
}

TEST_F(RedisHeadroom, IsAbsentInASteadyFlow) {
  input_.headroom_messages.direction = Direction::kLevel;
  EXPECT_FALSE(Of().seconds) << "the difference of the rates is noise";
  EXPECT_FALSE(Of().loss_in_seconds);
}

TEST_F(RedisHeadroom, IsAbsentWhileBatchesCouldMakeAllOfTheFall) {
  input_.swing = 3'000;
  EXPECT_FALSE(Of().seconds);
  EXPECT_FALSE(Of().loss_in_seconds);
  input_.swing = 2'999;
  EXPECT_TRUE(Of().seconds);
}

TEST_F(RedisHeadroom, IsAbsentWhenDeliveryIsFaster) {
  input_.delivered = Rise{15'000, 300};
  EXPECT_FALSE(Of().seconds) << "Redis does not tell that nothing will be removed";
}

TEST_F(RedisHeadroom, IsAbsentWhenAFigureIs) {
  input_.delivered.reset();
  EXPECT_FALSE(Of().seconds);
  input_.delivered = Rise{12'000, 300};
  group_.headroom_messages.reset();
  EXPECT_FALSE(Of().seconds);
}

class KafkaHeadroom : public testing::Test {
 protected:
  KafkaHeadroom() {
    stream_.partitions.push_back({.partition = 0});
    stream_.retention_seconds = 3'600;
    group_.lag = 50;
    group_.lag_seconds = 600;
  }
  Headroom Of() { return HeadroomOf(input_); }

  StreamReading stream_;
  GroupReading group_;
  HeadroomInput input_{.stream = &stream_, .group = &group_};
};

TEST_F(KafkaHeadroom, IsRetentionLessAge) {
  EXPECT_DOUBLE_EQ(Of().seconds.value(), 3'000);
  EXPECT_FALSE(Of().loss_in_seconds) << "the age does not rise";
}

TEST_F(KafkaHeadroom, WithNothingUnreadIsTheWholeRetention) {
  group_.lag = 0;
  group_.lag_seconds = 0;
  EXPECT_DOUBLE_EQ(Of().seconds.value(), 3'600);
}

TEST_F(KafkaHeadroom, IsNeverNegative) {
  group_.lag_seconds = 4'000;
  EXPECT_DOUBLE_EQ(Of().seconds.value(), 0);
}

TEST_F(KafkaHeadroom, ALossComesAsFastAsTheAgeRises) {
  input_.age = Rising(540, 600);  // 0.2 s a second
  EXPECT_DOUBLE_EQ(Of().seconds.value(), 3'000);
  EXPECT_DOUBLE_EQ(Of().loss_in_seconds.value(), 15'000);
}

TEST_F(KafkaHeadroom, ThatATransactionsMarkerIsRemovedIsNoLoss) {
  input_.age = Rising(0, 300);
  stream_.partitions[0].end_offset = stream_.partitions[0].stable_offset = 100;
  group_.lag = 1;
  group_.partitions.push_back({.partition = 0, .committed_offset = 99, .lag = 1});
  group_.partitions[0].lag_seconds = group_.lag_seconds = 3'500;
  EXPECT_DOUBLE_EQ(Of().seconds.value(), 100);
  EXPECT_FALSE(Of().loss_in_seconds);

  stream_.partitions.push_back({.partition = 1});
  group_.partitions.push_back({.partition = 1, .committed_offset = 50, .lag = 7});
  EXPECT_FALSE(Of().loss_in_seconds) << "of the others it is not known how old they are";
  group_.partitions[1].lag_seconds = 600;
  EXPECT_DOUBLE_EQ(Of().loss_in_seconds.value(), 3'000) << "those are records";

  stream_.partitions[0].stable_offset = 98;
  EXPECT_DOUBLE_EQ(Of().loss_in_seconds.value(), 100) << "a transaction is open: it is a record";
}

TEST_F(KafkaHeadroom, RemovalThatIsSoonerCounts) {
  input_.seconds_to_removal = 120;
  input_.backlog = Rising(10, 50);
  EXPECT_DOUBLE_EQ(Of().seconds.value(), 120);
  EXPECT_DOUBLE_EQ(Of().loss_in_seconds.value(), 120);
}

TEST_F(KafkaHeadroom, RemovalWithoutAGrowingBacklogIsNoThreat) {
  input_.seconds_to_removal = 120;
  EXPECT_DOUBLE_EQ(Of().seconds.value(), 3'000);
}

TEST_F(KafkaHeadroom, IsAbsentWhenTheAgeIsNotKnown) {
  group_.lag_seconds.reset();
  input_.seconds_to_removal = 120;
  input_.backlog = Rising(10, 50);
  EXPECT_FALSE(Of().seconds) << "which of the two is sooner cannot be told";
  EXPECT_DOUBLE_EQ(Of().loss_in_seconds.value(), 120) << "but it is no later than that";
}

TEST_F(KafkaHeadroom, IsInfiniteOnlyWhereConfigurationProvesIt) {
  stream_.retention_seconds = kNever;
  EXPECT_FALSE(Of().seconds) << "a limit of size is left";
  stream_.retention_unlimited = true;
  EXPECT_TRUE(std::isinf(Of().seconds.value()));
}

TEST_F(KafkaHeadroom, IsAbsentOnCompactedTopics) {
  stream_.retention_seconds.reset();
  stream_.compacted = true;
  input_.seconds_to_removal = 120;
  input_.backlog = Rising(10, 50);
  EXPECT_FALSE(Of().seconds);
  EXPECT_FALSE(Of().loss_in_seconds);
}

TEST_F(KafkaHeadroom, WithoutConfigurationIsWhatIsSeen) {
  stream_.retention_seconds.reset();
  EXPECT_FALSE(Of().seconds);
  input_.seconds_to_removal = 120;
  input_.backlog = Rising(10, 50);
  EXPECT_DOUBLE_EQ(Of().seconds.value(), 120);
}

}  // namespace
}  // namespace streamgauge
