#include "redis/stream_state.h"

#include <gtest/gtest.h>

#include "redis/discovery.h"
#include "redis/moments.h"

namespace streamgauge {
namespace {

TEST(Rewind, LastsUntilTheOldPlaceIsReachedAgain) {
  Rewind rewind;
  EXPECT_FALSE(rewind.Observe({5, 0})) << "first sight";
  EXPECT_FALSE(rewind.Observe({9, 0}));
  EXPECT_TRUE(rewind.Observe({2, 0})) << "SETID";
  EXPECT_TRUE(rewind.Observe({6, 0}));
  EXPECT_TRUE(rewind.Observe({4, 0})) << "again, from less far";
  EXPECT_TRUE(rewind.Observe({8, 0})) << "9 is the place to pass";
  EXPECT_FALSE(rewind.Observe({9, 0}));
}

TEST(OldestUnread, IsKnownAsLongAsNothingCanHaveChangedIt) {
  const Moment before = At(Stream(9, 9, 1, 9), 4, 4);
  Moment moved_by_hand = before;
  moved_by_hand.epochs.groups = 1;
  Moment unproven = before;
  unproven.epochs.known = false;
  struct Row {
    Moment now;
    bool known;
    const char* why;
  };
  const Row rows[] = {
      {before, true, "nothing happened"},
      {At(Stream(12, 12, 1, 12), 4, 4), true, "appended behind it"},
      {At(Stream(9, 9, 1, 9), 5, 5), false, "the group went on"},
      {At(Stream(8, 9, 1, 9, 5), 4, 4), false, "it may be what was deleted"},
      {At(Stream(9, 12, 4, 12), 4, 4), false, "trimmed"},
      {moved_by_hand, false, "it may be another group"},
      {unproven, false, "another stream may have this name now"},
  };
  for (const Row& row : rows) {
    OldestUnread unread;
    EXPECT_FALSE(unread.Recall(before)) << "not learnt";
    unread.Learn(before, {5, 0});
    EXPECT_EQ(unread.Recall(row.now).has_value(), row.known) << row.why;
    EXPECT_EQ(unread.Recall(row.now).value_or(EntryId{5, 0}), (EntryId{5, 0})) << row.why;
  }
}

TEST(StreamFacts, OfAnotherStreamAreKnownByWhatFell) {
  EXPECT_FALSE(IsAnotherStream(Stream(9, 9, 1, 9), Stream(3, 12, 10, 12)));
  EXPECT_TRUE(IsAnotherStream(Stream(9, 9, 1, 9), Stream(3, 3, 10, 12))) << "entries-added";
  EXPECT_TRUE(IsAnotherStream(Stream(9, 9, 1, 9), Stream(3, 12, 1, 3))) << "last-generated-id";
  EXPECT_TRUE(IsAnotherStream(Stream(3, 9, 7, 9), Stream(9, 12, 10, 12))) << "entries removed";
  EXPECT_TRUE(IsAnotherStream(Stream(3, 9, 7, 9), Stream(3, 12, 2, 12))) << "the first id";
  EXPECT_TRUE(IsAnotherStream(Stream(3, 9, 7, 9, 8), Stream(3, 12, 10, 12, 1)))
      << "the highest deleted id";
  EXPECT_TRUE(IsAnotherStream(OldStream(9, 1, 9), OldStream(3, 1, 3))) << "Redis 6";
}

TEST(FoundNames, KeepsTheFirstInOrderAndCountsTheRestOnce) {
  FoundNames found(2);
  for (const char* name : {"d", "b", "c", "a", "d", "a"}) found.Add(name);
  EXPECT_EQ(found.Sorted(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(found.over_limit(), 2u) << "c and d; SCAN may return a key twice";
}

}  // namespace
}  // namespace streamgauge
