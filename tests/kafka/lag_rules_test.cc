#include "kafka/lag_rules.h"

#include <gtest/gtest.h>

#include <chrono>

namespace streamgauge::kafka {
namespace {

using namespace std::chrono_literals;

TEST(LagRulesTest, LagIsEndLessTheLaterOfCommittedAndStart) {
  struct Row {
    Offset committed, start, end;
    std::optional<std::uint64_t> lag;
    const char* reason;
  };
  const Row rows[] = {
      {4, 0, 10, 6, "between start and end"},
      {10, 0, 10, 0, "all read"},
      {0, 0, 0, 0, "nothing was ever there"},
      {2, 5, 10, 5, "behind the start: what is gone cannot be read"},
      {10, 10, 10, 0, "all read and all removed"},
      {2, 10, 10, 0, "behind the start of an empty log"},
      {11, 0, 10, std::nullopt, "beyond the end: another log"},
      {5, 12, 10, 0, "the start was read after the end that it passed"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(LagOf(row.committed, row.start, row.end), row.lag) << row.reason;
  }
}

TEST(LagRulesTest, LossIsWhatWentBeforeThePreviousPollAndIsStillNotCommitted) {
  struct Row {
    std::optional<Offset> start_before, previous_start;
    Offset furthest;
    std::uint64_t lost;
    const char* reason;
  };
  const Row rows[] = {
      {0, 0, 5, 0, "nothing was removed"},
      {0, 50, 10, 40, "10 to 49 went"},
      {20, 50, 10, 30, "10 to 19 were counted in the interval before"},
      {0, 50, 50, 0, "all that went was committed by now: commit and deletion in one interval"},
      {0, 50, 70, 0, "far ahead of what went"},
      {std::nullopt, 50, 10, 0, "the first interval: it may have gone long ago"},
      {0, std::nullopt, 10, 0, "not read at the previous poll"},
      {50, 0, 10, 0, "the start fell: another log"},
      {0, 11, 10, 0, "10 may be a transaction's marker: a group that has read all stands there"},
      {0, 12, 10, 2, "two are more than a marker"},
      {10, 11, 5, 1, "what went is not what the group stands at"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(LostIn(row.start_before, row.previous_start, row.furthest), row.lost) << row.reason;
  }
}

TEST(LagRulesTest, HeadroomIsWhatCanGoBeforeAnUnreadRecordDoes) {
  struct Row {
    Offset committed, start, end;
    std::optional<std::uint64_t> headroom;
    const char* reason;
  };
  const Row rows[] = {
      {8, 5, 10, 3, "three read records are before the first unread one"},
      {5, 5, 10, 0, "the next to go is unread"},
      {2, 5, 10, 0, "unread ones have gone already"},
      {10, 5, 10, std::nullopt, "nothing is unread: nothing can be lost"},
      {12, 5, 10, std::nullopt, "beyond the end: unknown"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(HeadroomOf(row.committed, row.start, row.end), row.headroom) << row.reason;
  }
}

TEST(LagRulesTest, ATopicIsAbandonedWhenTheGroupWorksElsewhere) {
  const TopicHold abandoned{.stable = true, .members = 2, .assigned = 0, .uncommitted_for = 60s};
  EXPECT_TRUE(IsAbandoned(abandoned));
  TopicHold hold = abandoned;
  hold.stable = false;
  EXPECT_FALSE(IsAbandoned(hold)) << "during a rebalance nobody has anything";
  hold = abandoned;
  hold.members = 0;
  EXPECT_FALSE(IsAbandoned(hold)) << "a group without members is another matter";
  hold = abandoned;
  hold.assigned = 1;
  EXPECT_FALSE(IsAbandoned(hold)) << "a member has a partition";
  hold = abandoned;
  hold.uncommitted_for = 59s;
  EXPECT_FALSE(IsAbandoned(hold)) << "somebody commits without being a member";
}

}  // namespace
}  // namespace streamgauge::kafka
