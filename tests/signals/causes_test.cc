#include "signals/causes.h"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

// A topic of four partitions and a group with this lag on each.
class KafkaCauses : public testing::Test {
 protected:
  void Lags(std::initializer_list<std::int64_t> lags) {
    group_.lag = 0;
    group_.partitions.clear();
    stream_.partitions.clear();
    for (const std::int64_t lag : lags) {
      const auto number = static_cast<std::int32_t>(group_.partitions.size());
      stream_.partitions.push_back({.partition = number, .end_offset = 100, .stable_offset = 100});
      group_.partitions.push_back({.partition = number, .lag = lag});
      *group_.lag += static_cast<std::uint64_t>(lag);
    }
  }
  Evidence Causes(std::optional<double> rate = {}, std::optional<double> usual = {}) {
    Evidence evidence;
    AddCauses(stream_, group_, rate, usual, evidence);
    return evidence;
  }

  StreamReading stream_;
  GroupReading group_;
};

TEST_F(KafkaCauses, APartitionWithMostOfTheLagIsHot) {
  Lags({10, 20, 900, 70});
  const Evidence evidence = Causes();
  EXPECT_TRUE(evidence.Has(Cause::kHotPartition));
  EXPECT_EQ(evidence.hot_partition, 2);
  EXPECT_FLOAT_EQ(evidence.hot_share, 0.9F);
}

TEST_F(KafkaCauses, EvenPartitionsAreNotHot) {
  Lags({250, 250, 260, 240});
  EXPECT_FALSE(Causes().Has(Cause::kHotPartition));
  Lags({51, 49});
  EXPECT_FALSE(Causes().Has(Cause::kHotPartition)) << "half of two is its share";
  Lags({100});
  EXPECT_FALSE(Causes().Has(Cause::kHotPartition)) << "the only one";
}

TEST_F(KafkaCauses, AStableOffsetBelowTheEndIsAnOpenTransaction) {
  Lags({5, 0});
  EXPECT_FALSE(Causes().Has(Cause::kOpenTransaction));
  stream_.partitions[0].stable_offset = 97;
  EXPECT_TRUE(Causes().Has(Cause::kOpenTransaction));
  Lags({0, 5});
  stream_.partitions[0].stable_offset = 97;
  EXPECT_FALSE(Causes().Has(Cause::kOpenTransaction)) << "not where this group waits";
}

TEST_F(KafkaCauses, OneOnEachPartitionMayBeMarkersOnly) {
  Lags({1, 0, 1, 1});
  EXPECT_TRUE(OnlyMarkersLeft(stream_, group_));
  stream_.partitions[0].stable_offset = 99;
  EXPECT_FALSE(OnlyMarkersLeft(stream_, group_)) << "a transaction is open";
  Lags({2, 0, 1, 1});
  EXPECT_FALSE(OnlyMarkersLeft(stream_, group_)) << "two are no marker";
  Lags({0, 0, 0, 0});
  EXPECT_FALSE(OnlyMarkersLeft(stream_, group_)) << "nothing is left";
  Lags({1, 0});
  group_.partitions[1].lag.reset();
  EXPECT_FALSE(OnlyMarkersLeft(stream_, group_)) << "one is not known";
}

TEST_F(KafkaCauses, RetentionShorterThanTheLagIsNamed) {
  Lags({5});
  stream_.retention_seconds = 3'600;
  group_.lag_seconds = 3'600;
  EXPECT_FALSE(Causes().Has(Cause::kRetentionShort));
  group_.lag_seconds = 3'601;
  EXPECT_TRUE(Causes().Has(Cause::kRetentionShort));
}

TEST_F(KafkaCauses, ABurstIsTwiceTheUsual) {
  EXPECT_FALSE(Causes(19, 10).Has(Cause::kProducerBurst));
  const Evidence burst = Causes(30, 10);
  EXPECT_TRUE(burst.Has(Cause::kProducerBurst));
  EXPECT_FLOAT_EQ(burst.burst_factor.value(), 3);
  EXPECT_FALSE(Causes(30, std::nullopt).Has(Cause::kProducerBurst)) << "no past to compare with";
  EXPECT_FALSE(Causes(30, 0).Has(Cause::kProducerBurst)) << "the first messages are no burst";
}

TEST_F(KafkaCauses, CompactedAndAbandonedTopicsAreNamed) {
  stream_.compacted = true;
  group_.abandoned = true;
  EXPECT_TRUE(Causes().Has(Cause::kCompacted));
  EXPECT_TRUE(Causes().Has(Cause::kAbandoned));
}

TEST(RedisCauses, AConsumerThatHoldsHalfOfThePendingIsNamed) {
  GroupReading group;
  group.pending = 20;
  group.consumers_listed = true;
  group.consumers = {{.pending = 9}, {.pending = 11}};
  Evidence evidence;
  AddCauses({}, group, {}, {}, evidence);
  EXPECT_TRUE(evidence.Has(Cause::kOneHolder));
  EXPECT_EQ(evidence.holder, 1U);

  group.consumers = {{.pending = 7}, {.pending = 7}, {.pending = 6}};
  Evidence even;
  AddCauses({}, group, {}, {}, even);
  EXPECT_FALSE(even.Has(Cause::kOneHolder));
}

}  // namespace
}  // namespace streamgauge
