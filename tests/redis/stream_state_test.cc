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
