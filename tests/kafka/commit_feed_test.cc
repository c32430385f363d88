#include "kafka/commit_feed.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "kafka/offsets_bytes.h"

namespace streamgauge::kafka {
namespace {

const TopicId kTopicId{1, 1};

// One partition of the offsets topic as a log, a coordinator that answers from it, and a feed.
class CommitFeedTest : public testing::Test {
 protected:
  CommitFeedTest() { feed_.SetTopic(kTopicId, 1); }

  void Commit(std::int32_t partition, Offset offset, const std::string& group = "billing") {
    Append(CommitKey(group, "orders", partition), CommitBytes(3, offset, 1000 + offset));
  }
  void Remove(std::int32_t partition) { Append(CommitKey("billing", "orders", partition), {}); }
  void Append(std::string key, std::optional<std::string> value) {
    log_.push_back({std::move(key), std::move(value)});
  }
  Offset End() const { return static_cast<Offset>(log_.size()); }

  // Begins a poll: reads the end, and the records up to `up_to`, or all.
  void Poll(std::optional<Offset> up_to = std::nullopt) {
    feed_.BeginPoll();
    group_ = &feed_.Watch("billing");
    feed_.TakeEnd(0, End());
    feed_.Begin();
    for (const FeedPlace& place : feed_.Places()) next_ = place.offset;
    Deliver(up_to.value_or(End()));
  }
  void Deliver(Offset up_to) {
    for (; next_ < up_to; ++next_) {
      const auto& [key, value] = log_[static_cast<std::size_t>(next_)];
      feed_.TakeRecord(
          {0, next_, key, value ? std::optional<std::string_view>(*value) : std::nullopt});
    }
  }
  // What the coordinator says now.
  GroupOffsets Truth(const std::string& group = "billing") const {
    std::map<std::int32_t, Offset> offsets;
    for (const auto& [bytes, value] : log_) {
      const OffsetsRecordKey key = DecodeOffsetsKey(bytes);
      if (key.kind != OffsetsRecordKind::kCommit || key.group != group) continue;
      offsets.erase(key.partition);
      if (value) offsets[key.partition] = DecodeCommitValue(*value)->offset;
    }
    TopicOffsets topic{"orders", {}, {}, {}};
    for (const auto& [partition, offset] : offsets) topic.partitions.push_back({partition, offset});
    return topic.partitions.empty() ? GroupOffsets{} : GroupOffsets{topic};
  }
  void Load() { group_->Load(Truth(), feed_.IsComplete(0)); }
  std::vector<PartitionOffset> Known() const {
    return group_->offsets().empty() ? std::vector<PartitionOffset>{}
                                     : group_->offsets()[0].partitions;
  }
  std::vector<PartitionOffset> TruePartitions() const {
    const GroupOffsets truth = Truth();
    return truth.empty() ? std::vector<PartitionOffset>{} : truth[0].partitions;
  }

  CommitFeed feed_;
  FedGroup* group_ = nullptr;
  std::vector<std::pair<std::string, std::optional<std::string>>> log_;
  Offset next_ = 0;
};

TEST_F(CommitFeedTest, AGroupIsKnownOnceItWasLoadedAndItsPartitionIsReadToTheEnd) {
  Commit(0, 5);
  Poll();
  EXPECT_TRUE(feed_.IsComplete(0));
  EXPECT_FALSE(feed_.IsKnown(*group_)) << "commits of before the start are not known";
  Load();
  EXPECT_TRUE(feed_.IsKnown(*group_));
  Commit(0, 7);
  Poll(End() - 1);
  EXPECT_FALSE(feed_.IsKnown(*group_)) << "a record is missing";
  EXPECT_EQ(feed_.Unread(), std::vector<std::int32_t>{0});
  Deliver(End());
  EXPECT_TRUE(feed_.IsKnown(*group_));
  EXPECT_EQ(Known(), (std::vector<PartitionOffset>{{0, 7}}));
}

TEST_F(CommitFeedTest, WithoutTheEndOfThisPollNothingIsClaimed) {
  Poll();
  Load();
  feed_.BeginPoll();
  FedGroup& group = feed_.Watch("billing");
  EXPECT_FALSE(feed_.IsKnown(group)) << "the leader may be silent, and hold commits";
  feed_.TakeEnd(0, End());
  EXPECT_TRUE(feed_.IsKnown(group));
}

TEST_F(CommitFeedTest, OnlyWhatChangedIsTold) {
  Commit(0, 5);
  Poll();
  Load();
  EXPECT_TRUE(group_->TakeChanged());
  Poll();
  EXPECT_FALSE(group_->TakeChanged());
  Commit(0, 6);
  Poll();
  EXPECT_TRUE(group_->TakeChanged());
}

TEST_F(CommitFeedTest, TombstonesRemove) {
  Commit(0, 5);
  Commit(1, 6);
  Poll();
  Load();
  Remove(0);
  Poll();
  EXPECT_EQ(Known(), (std::vector<PartitionOffset>{{1, 6}}));
  Remove(1);
  Poll();
  EXPECT_TRUE(group_->offsets().empty()) << "the group has nothing left";
}

TEST_F(CommitFeedTest, MarkersAndAbortedRecordsAtTheEndHoldNothingUp) {
  Poll();
  Load();
  log_.resize(3, {RecordBytes().Int16(99), std::nullopt});  // not handed over: a transaction
  Poll(next_);
  EXPECT_FALSE(feed_.IsComplete(0));
  feed_.TakePosition(0, End());
  EXPECT_TRUE(feed_.IsComplete(0));
}

TEST_F(CommitFeedTest, AnOpenTransactionIsWaitedForOnceInFull) {
  Poll();
  Load();
  Commit(0, 3);
  Poll(next_);
  EXPECT_FALSE(feed_.IsStuck(0)) << "it was complete before";
  Poll(next_);
  EXPECT_TRUE(feed_.IsStuck(0)) << "nothing came for a whole poll";
  EXPECT_FALSE(feed_.IsKnown(*group_));
}

TEST_F(CommitFeedTest, RecordsBeforeAnAnswerThatWasTooOldCount) {
  Commit(0, 5);
  Poll();
  const GroupOffsets late = {{"orders", {{0, 4}}, {}, {}}};
  group_->Load(late, feed_.IsComplete(0));
  EXPECT_EQ(Known(), (std::vector<PartitionOffset>{{0, 5}}));
}

TEST_F(CommitFeedTest, AnswersOfAPollThatDidNotReachTheEndAreNewerThanItsRecords) {
  Commit(0, 5);
  Commit(0, 9);
  Poll(1);
  Load();
  EXPECT_EQ(Known(), (std::vector<PartitionOffset>{{0, 9}})) << "not back to 5";
}

TEST_F(CommitFeedTest, ALostPlaceMakesEverythingBeReadAnew) {
  for (int i = 0; i < 300; ++i) Commit(0, i);
  Poll();
  Load();
  struct Row {
    const char* reason;
    std::function<void()> lose;
  };
  const Row rows[] = {
      {"the consumer says so", [&] { feed_.TakeLost(0); }},
      {"the log was truncated", [&] { feed_.TakeEnd(0, 100); }},
      {"there is more than can be read", [&] { feed_.TakeEnd(0, 5'000'000); }},
  };
  for (const Row& row : rows) {
    Poll();
    Load();
    ASSERT_TRUE(feed_.IsKnown(*group_)) << row.reason;
    row.lose();
    EXPECT_FALSE(feed_.IsBegun(0)) << row.reason;
    EXPECT_FALSE(feed_.IsKnown(*group_)) << row.reason;
  }
  feed_.SetTopic({2, 2}, 1);
  Poll();
  EXPECT_FALSE(feed_.IsKnown(*group_)) << "another topic of that name";
}

TEST_F(CommitFeedTest, AnotherNumberOfPartitionsMovesTheGroups) {
  Poll();
  Load();
  feed_.SetTopic(kTopicId, 2);
  Poll();
  EXPECT_FALSE(feed_.IsKnown(*group_));
}

TEST_F(CommitFeedTest, WhatCannotBeReadIsAskedForAndCounted) {
  Poll();
  Load();
  Append(CommitKey("billing", "orders", 0), CommitBytes(5, 1, 1));
  Poll();
  EXPECT_FALSE(feed_.IsKnown(*group_)) << "it has committed, and what is not known";
  EXPECT_EQ(feed_.TakeUnknownRecords(), 1U);
  Append(RecordBytes().Int16(99).String("billing"), std::nullopt);
  Append("?", std::nullopt);
  Poll();
  EXPECT_EQ(feed_.TakeUnknownRecords(), 1U);
  EXPECT_EQ(feed_.TakeBadRecords(), 1U);
}

TEST_F(CommitFeedTest, AGroupWhoseRecordsAreElsewhereIsNeverKnown) {
  feed_.SetTopic(kTopicId, 2);
  feed_.BeginPoll();
  FedGroup& group = feed_.Watch("billing");
  const std::int32_t other = 1 - group.offsets_partition();
  for (const std::int32_t partition : {0, 1}) feed_.TakeEnd(partition, 0);
  feed_.Begin();
  group.Load({}, true);
  ASSERT_TRUE(feed_.IsKnown(group));
  const std::string key = CommitKey("billing", "orders", 0);
  const std::string value = CommitBytes(3, 1, 1);
  feed_.TakeRecord({other, 0, key, value});
  EXPECT_FALSE(feed_.IsKnown(group));
  group.Load({}, true);
  EXPECT_FALSE(feed_.IsKnown(group)) << "where its next one will be nobody knows";
}

TEST_F(CommitFeedTest, CommitsTheirTimeAndRebalancesAreTold) {
  Poll();
  Load();
  Append(GenerationKey("billing"), GenerationBytes(3, 4));
  Commit(0, 5);
  Commit(0, 6);
  Commit(1, 2);
  Poll();
  EXPECT_EQ(group_->offsets()[0].commits, 3U);
  EXPECT_EQ(group_->offsets()[0].last_commit, FromUnixMillis(1006)) << "the latest one";
  EXPECT_EQ(group_->rebalances(), 0U) << "the first number is where counting begins";
  EXPECT_TRUE(group_->TakeMembersChanged());
  EXPECT_FALSE(group_->TakeMembersChanged());
  Append(GenerationKey("billing"), GenerationBytes(3, 6));
  Append(GenerationKey("billing"), std::nullopt);
  Poll();
  EXPECT_EQ(group_->rebalances(), 2U);
  EXPECT_TRUE(group_->TakeMembersChanged());
}

TEST_F(CommitFeedTest, GroupsThatNobodyWatchesAreForgotten) {
  Poll();
  Load();
  feed_.BeginPoll();  // nobody asks for it
  feed_.TakeEnd(0, End());
  Poll();
  EXPECT_FALSE(feed_.IsKnown(*group_)) << "its records were skipped meanwhile";
}

TEST_F(CommitFeedTest, ADifferenceThatIsNotFoundAgainWasTheCoordinators) {
  Commit(0, 5);
  Poll();
  Load();
  feed_.BeginCheck("billing", {});  // one that has just taken over
  Poll();
  EXPECT_FALSE(feed_.TakeCheckResult()->certain);
  EXPECT_EQ(feed_.doubted(), "billing");
  feed_.BeginCheck("billing", Truth());
  EXPECT_TRUE(feed_.TakeCheckResult()->agreed);
  EXPECT_FALSE(feed_.doubted());
}

TEST_F(CommitFeedTest, ACheckAgreesWhenWhatDiffersArrivesLater) {
  Commit(0, 5);
  Poll();
  Load();
  feed_.BeginCheck("billing", Truth());
  ASSERT_TRUE(feed_.TakeCheckResult()) << "nothing to wait for";
  Commit(0, 6);  // after the records of this poll and before the answer
  Commit(1, 1);
  feed_.BeginCheck("billing", Truth());
  EXPECT_FALSE(feed_.TakeCheckResult());
  Commit(0, 7);
  Poll();
  const auto result = feed_.TakeCheckResult();
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->agreed);
}

TEST_F(CommitFeedTest, ACheckFindsWhatNoRecordHasTold) {
  struct Row {
    GroupOffsets said;
    const char* reason;
  };
  const Row rows[] = {
      {{{"orders", {{0, 6}}, {}, {}}}, "another offset"},
      {{}, "nothing"},
      {{{"orders", {{0, 5}, {1, 1}}, {}, {}}}, "one more partition"},
  };
  Commit(0, 5);
  Poll();
  Load();
  for (const Row& row : rows) {
    for (const bool certain : {false, true}) {
      feed_.BeginCheck("billing", row.said);
      EXPECT_FALSE(feed_.TakeCheckResult()) << "it may still come: " << row.reason;
      Poll();
      const auto result = feed_.TakeCheckResult();
      ASSERT_TRUE(result) << row.reason;
      EXPECT_FALSE(result->agreed) << row.reason;
      EXPECT_EQ(result->certain, certain) << row.reason;
      EXPECT_EQ(feed_.doubted().has_value(), !certain) << row.reason;
    }
  }
}

// Whatever is committed, read late, lost or loaded between: what is known is the truth.
TEST_F(CommitFeedTest, AtRandomNothingKnownIsFalse) {
  std::mt19937_64 random(7);
  const auto below = [&](int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
  };
  int known = 0;
  for (int poll = 0; poll < 3000; ++poll) {
    for (int steps = below(4); steps > 0; --steps) {
      if (below(4) == 0) {
        Remove(below(3));
      } else {
        Commit(below(3), below(100), below(3) == 0 ? "other" : "billing");
      }
    }
    Poll(below(3) == 0 ? std::min(next_ + below(3), End()) : End());
    if (below(50) == 0) feed_.TakeLost(0);
    if (!feed_.IsKnown(*group_) && below(3) != 0 && feed_.IsBegun(0)) Load();
    if (!feed_.IsKnown(*group_)) continue;
    ++known;
    ASSERT_EQ(Known(), TruePartitions()) << "poll " << poll;
  }
  EXPECT_GT(known, 1000);
}

}  // namespace
}  // namespace streamgauge::kafka
