#include "redis/stream_state.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "redis/discovery.h"
#include "redis/moments.h"

namespace streamgauge {
namespace {

TEST(Rewind, LastsUntilTheOldPlaceIsReachedAgain) {
  const StreamFacts stream = Stream(12, 12, 1, 12);
  Rewind rewind;
  EXPECT_FALSE(rewind.Observe({5, 0}, stream)) << "first sight";
  EXPECT_FALSE(rewind.Observe({9, 0}, stream));
  EXPECT_TRUE(rewind.Observe({2, 0}, stream)) << "SETID";
  EXPECT_TRUE(rewind.Observe({6, 0}, stream));
  EXPECT_TRUE(rewind.Observe({4, 0}, stream)) << "again, from less far";
  EXPECT_TRUE(rewind.Observe({8, 0}, stream)) << "9 is the place to pass";
  EXPECT_FALSE(rewind.Observe({9, 0}, stream));
}

TEST(Rewind, FromAPlaceAheadOfTheStreamLastsUntilItsEnd) {
  Rewind rewind;
  EXPECT_FALSE(rewind.Observe(kMaxEntryId, Stream(9, 9, 1, 9))) << "SETID by mistake";
  EXPECT_FALSE(rewind.Observe({9, 0}, Stream(9, 9, 1, 9))) << "nothing is delivered again";
  EXPECT_FALSE(rewind.Observe(kMaxEntryId, Stream(9, 9, 1, 9)));
  EXPECT_TRUE(rewind.Observe({2, 0}, Stream(9, 9, 1, 9)));
  EXPECT_TRUE(rewind.Observe({8, 0}, Stream(12, 12, 1, 12)));
  EXPECT_FALSE(rewind.Observe({9, 0}, Stream(12, 12, 1, 12))) << "what came since is new to it";
}

TEST(Rewind, EndsWhenNothingIsLeftUpToTheOldPlace) {
  const auto after = [](const StreamFacts& now) {
    Rewind rewind;
    rewind.Observe({9, 0}, Stream(9, 9, 1, 9));
    EXPECT_TRUE(rewind.Observe({2, 0}, Stream(9, 9, 1, 9)));
    return rewind.Observe({4, 0}, now);
  };
  EXPECT_TRUE(after(Stream(4, 12, 9, 12)));
  EXPECT_FALSE(after(Stream(3, 12, 10, 12))) << "trimmed past it";
  EXPECT_FALSE(after(Stream(4, 9, 1, 4, 9))) << "the rest was deleted";
  EXPECT_FALSE(after(StreamFacts{}));
  StreamFacts light;
  light.length = 5;
  EXPECT_TRUE(after(light)) << "of large entries only their number is known";
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

TEST(StreamState, OnAnotherServerComparesWithNothingAndGoesOn) {
  StreamState stream;
  stream.incarnation = 3;
  GroupState& group = stream.groups["g"];
  group.incarnation = 4;
  const auto total = [&](const Moment& now) {
    return group.counters.Observe(now, {.lag = group.lag.Observe(now)}).delivered;
  };
  const auto appended = [&](const Moment& now) {
    return stream.counters.Observe(now.stream, now.epochs).appended;
  };
  ReadFrom(stream, 1);
  const Moment first = At(Stream(9, 9, 1, 9), 9, 9);
  EXPECT_EQ(total(first), 0u);
  EXPECT_EQ(appended(first), 0u);
  ReadFrom(stream, 1);
  const Moment second = At(Stream(10, 10, 1, 10), 10, 10);
  EXPECT_EQ(total(second), 1u);
  EXPECT_EQ(appended(second), 1u);
  group.list.emplace();
  ReadFrom(stream, 2);
  EXPECT_FALSE(group.list) << "its time is of another clock";
  const Moment third = At(Stream(12, 12, 1, 12), 11, 11);
  EXPECT_EQ(total(third), std::nullopt);
  EXPECT_EQ(appended(third), std::nullopt);
  ReadFrom(stream, 2);
  const Moment fourth = At(Stream(13, 13, 1, 13), 13, 13);
  EXPECT_EQ(total(fourth), 3u) << "one before, two since";
  EXPECT_EQ(appended(fourth), 2u);
  EXPECT_EQ(stream.incarnation, 3u);
  EXPECT_EQ(group.incarnation, 4u);
}

TEST(FoundNames, OfSeveralNodesCountWhatIsLeftOutOnce) {
  FoundNames one(2);
  for (const char* name : {"a", "b", "literal"}) one.Add(name);
  FoundNames two(2);
  for (const char* name : {"c", "d", "literal"}) two.Add(name);
  FoundNames all(2);
  all.Add(one);
  all.Add(two);
  EXPECT_EQ(all.names(), (std::set<std::string, std::less<>>{"a", "b"}));
  EXPECT_EQ(all.over_limit(), 3u) << "c, d and literal";
}

TEST(FoundNames, KeepsTheFirstInOrderAndCountsTheRestOnce) {
  FoundNames found(2);
  for (const char* name : {"d", "b", "c", "a", "d", "a"}) found.Add(name);
  EXPECT_EQ(found.names(), (std::set<std::string, std::less<>>{"a", "b"}));
  EXPECT_EQ(found.over_limit(), 2u) << "c and d; SCAN may return a key twice";
}

}  // namespace
}  // namespace streamgauge
