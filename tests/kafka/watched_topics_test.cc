#include "kafka/watched_topics.h"

#include <gtest/gtest.h>

#include "scripted_cluster.h"

namespace streamgauge::kafka {
namespace {

using std::chrono::seconds;

// Polls of a topic whose end moves by 10 between any two of them.
class TopicPolls {
 public:
  TopicPolls() { cluster_.topics["orders"] = {.partitions = {{0, 100}}}; }

  ScriptedCluster& cluster() { return cluster_; }
  ScriptedPartition& partition() { return cluster_.topics["orders"].partitions[0]; }
  void CommitOn(const std::string& topic) {
    cluster_.groups["billing"] = {.committed = {{topic, 0, 50}}};
  }
  // The ends that so many polls show; absent: none.
  std::vector<std::optional<Offset>> Ends(int polls, seconds interval) {
    std::vector<std::optional<Offset>> ends;
    for (int i = 0; i < polls; ++i) {
      partition().end += 10;
      cluster_.Poll(interval);
      const StreamReading* stream = cluster_.Stream("orders");
      ends.push_back(stream == nullptr ? std::nullopt : stream->partitions.at(0).end_offset);
    }
    return ends;
  }

 private:
  ScriptedCluster cluster_;
};

using Ends = std::vector<std::optional<Offset>>;

TEST(WatchedTopicsTest, ATopicWithoutGroupsIsReadInEveryThirdPoll) {
  TopicPolls polls;
  EXPECT_EQ(polls.Ends(8, seconds(1)), (Ends{110, 110, 110, 140, 140, 140, 170, 170}));
}

TEST(WatchedTopicsTest, ItIsReadBeforeItsLastValuesDoNotCountAnyMore) {
  TopicPolls polls;
  EXPECT_EQ(polls.Ends(5, seconds(10)), (Ends{110, 110, 130, 130, 150})) << "stale after 30 s";
  EXPECT_EQ(TopicPolls().Ends(3, seconds(20)), (Ends{110, 120, 130})) << "no time to rest";
}

TEST(WatchedTopicsTest, SumsOfATopicThatRestsAreShown) {
  TopicPolls polls;
  polls.Ends(2, seconds(1));
  EXPECT_EQ(polls.cluster().Stream("orders")->length, 110U);
  EXPECT_EQ(polls.cluster().Stream("orders")->appended_total, 0U);
  polls.Ends(2, seconds(1));
  EXPECT_EQ(polls.cluster().Stream("orders")->appended_total, 30U);
}

TEST(WatchedTopicsTest, ATopicWithAGroupIsReadInEveryPollFromItsFirstCommitOn) {
  TopicPolls polls;
  polls.Ends(2, seconds(1));
  polls.CommitOn("orders");
  EXPECT_EQ(polls.Ends(3, seconds(1)), (Ends{130, 140, 150}));
  EXPECT_EQ(polls.cluster().GroupOn("orders", "billing")->lag, 100U);
}

TEST(WatchedTopicsTest, APartitionThatDidNotAnswerKeepsItsTopicFromResting) {
  TopicPolls polls;
  polls.partition().answers = false;
  polls.Ends(2, seconds(1));
  polls.partition().answers = true;
  EXPECT_EQ(polls.Ends(1, seconds(1)), (Ends{130}));
}

// A partition as it is after a poll that found `stable`.
TrackedPartition After(Offset end, Offset stable) {
  TrackedPartition partition;
  partition.leader = 1;
  partition.StageOffsets(0, end, SteadyTime{seconds(1)});
  partition.StageStable(stable);
  partition.TakeStaged();
  return partition;
}

TEST(StableOffsetTest, IsNotReadAgainWhereNothingCameAndNoTransactionWasOpen) {
  struct Case {
    const char* reason;
    Offset end;
    Offset stable;
    Offset next_end;
    bool kept;
  };
  for (const Case& c : {Case{"nothing came", 10, 10, 10, true},
                        Case{"records came, perhaps of a transaction", 10, 10, 12, false},
                        Case{"a transaction was open: it may have ended", 10, 7, 10, false},
                        Case{"the log was cut", 10, 10, 8, false}}) {
    TrackedPartition partition = After(c.end, c.stable);
    EXPECT_FALSE(partition.KeepStable()) << "no end was read yet: " << c.reason;
    partition.StageOffsets(0, c.next_end, SteadyTime{seconds(2)});
    EXPECT_EQ(partition.KeepStable(), c.kept) << c.reason;
    partition.TakeStaged();
    EXPECT_EQ(partition.stable, c.kept ? std::optional(c.end) : std::nullopt) << c.reason;
  }
}

TEST(StableOffsetTest, IsReadAgainAfterAnotherBrokerLed) {
  TrackedPartition partition = After(10, 10);
  partition.StageOffsets(0, 10, SteadyTime{seconds(2)});
  ASSERT_TRUE(partition.KeepStable());
  partition.MoveLeader(2);  // learned after the offsets were read: it is not known whose they are
  partition.TakeStaged();
  EXPECT_EQ(partition.stable, std::nullopt);
  partition.StageOffsets(0, 10, SteadyTime{seconds(3)});
  EXPECT_FALSE(partition.KeepStable());
  partition.StageStable(10);
  partition.TakeStaged();
  partition.StageOffsets(0, 10, SteadyTime{seconds(4)});
  EXPECT_TRUE(partition.KeepStable());
}

}  // namespace
}  // namespace streamgauge::kafka
