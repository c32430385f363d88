#include "redis/lag_count.h"

#include <gtest/gtest.h>

#include <vector>

#include "redis/moments.h"

namespace streamgauge {
namespace {

GroupWork Group(const StreamFacts& stream, std::uint64_t delivered) {
  GroupWork group;
  group.moment = At(stream, delivered, std::nullopt);
  return group;
}

EntryRange Page(std::size_t count, std::uint64_t first, std::uint64_t last) {
  return {.count = count, .first = {first, 0}, .last = {last, 0}};
}

TEST(LagCount, IsDoneWhenTheSmallerSideIs) {
  LagCount count(Group(Stream(100, 100, 1, 100), 90), 1000);
  EXPECT_EQ(count.unread.next, (EntryId{90, 1}));
  EXPECT_EQ(count.unread.end, (EntryId{100, 0}));
  EXPECT_EQ(count.read.next, (EntryId{1, 0}));
  EXPECT_EQ(count.read.end, (EntryId{90, 0}));
  EXPECT_FALSE(count.Finished());
  count.unread.Take(Page(10, 91, 100), 20);
  count.read.Take(Page(20, 1, 20), 20);
  EXPECT_TRUE(count.Finished());
  EXPECT_EQ(count.Lag(), 10u);
}

TEST(LagCount, TakesTheReadSideFromTheLength) {
  LagCount count(Group(Stream(100, 100, 1, 100), 7), 1000);
  count.unread.Take(Page(20, 8, 27), 20);
  count.read.Take(Page(7, 1, 7), 20);
  EXPECT_EQ(count.Lag(), 93u);
}

TEST(LagCount, AFullPageThatEndsAtTheEndIsTheLast) {
  LagCount count(Group(Stream(100, 100, 1, 100), 90), 1000);
  count.unread.Take(Page(5, 91, 95), 5);
  EXPECT_FALSE(count.Finished());
  EXPECT_EQ(count.unread.next, (EntryId{95, 1}));
  count.unread.Take(Page(5, 96, 100), 5);
  EXPECT_EQ(count.Lag(), 10u);
}

TEST(LagCount, GivesUpAtItsLimitAndSaysNothing) {
  LagCount count(Group(Stream(100, 100, 1, 100), 50), 20);
  count.unread.Take(Page(20, 51, 70), 20);
  EXPECT_FALSE(count.Finished()) << "the other side may be smaller";
  count.read.Take(Page(20, 1, 20), 20);
  EXPECT_TRUE(count.Finished());
  EXPECT_EQ(count.Lag(), std::nullopt);
}

TEST(LagCount, IsValidOnlyWhenNothingWasRemovedMeanwhile) {
  struct Row {
    StreamFacts before;
    StreamFacts after;
    bool valid;
    const char* why;
  };
  const std::vector<Row> rows = {
      {Stream(9, 9, 1, 9), Stream(9, 9, 1, 9), true, "at rest"},
      {Stream(9, 9, 1, 9), Stream(12, 12, 1, 12), true, "appended: after what was counted"},
      {Stream(9, 9, 1, 9), Stream(8, 9, 2, 9), false, "trimmed"},
      {Stream(9, 9, 1, 9), Stream(8, 9, 1, 9, 5), false, "deleted"},
      {Stream(8, 9, 1, 9, 5), Stream(8, 10, 1, 10, 5), false,
       "appended one, and deleted one below the highest deleted id"},
      {Stream(9, 9, 1, 9), Stream(9, 5, 1, 9), false, "another stream"},
      {Stream(9, 9, 1, 9), Stream(9, 9, 1, 5), false, "another stream, by its ids"},
      {OldStream(9, 1, 9), OldStream(9, 1, 9), true, "Redis 6 at rest"},
      {OldStream(9, 1, 9), OldStream(9, 1, 10), false, "Redis 6: an append may hide a deletion"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(NothingRemoved(row.before, row.after), row.valid) << row.why;
  }
}

}  // namespace
}  // namespace streamgauge
