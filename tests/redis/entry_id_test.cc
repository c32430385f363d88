#include "redis/entry_id.h"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

TEST(EntryId, IsParsedWholeOrNotAtAll) {
  EXPECT_EQ(ParseEntryId("1700000000000-3"), (EntryId{1700000000000, 3}));
  EXPECT_EQ(ParseEntryId("18446744073709551615-18446744073709551615"), kMaxEntryId);
  for (const char* text : {"", "1", "-1", "1-", "1-2-3", "a-1", "1-2 ", "18446744073709551616-0"}) {
    EXPECT_EQ(ParseEntryId(text), std::nullopt) << text;
  }
}

TEST(EntryId, NextAndPreviousCarryOver) {
  constexpr std::uint64_t kMax = kMaxEntryId.seq;
  EXPECT_EQ(Next({5, 7}), (EntryId{5, 8}));
  EXPECT_EQ(Next({5, kMax}), (EntryId{6, 0}));
  EXPECT_EQ(Next(kMaxEntryId), std::nullopt);
  EXPECT_EQ(Previous({5, 8}), (EntryId{5, 7}));
  EXPECT_EQ(Previous({6, 0}), (EntryId{5, kMax}));
  EXPECT_EQ(Previous({0, 0}), std::nullopt);
}

TEST(EntryId, IsATimeOnlyFrom2010UntilTomorrow) {
  constexpr std::uint64_t kNowMs = 1'700'000'000'000;
  constexpr std::uint64_t kDayMs = 86'400'000;
  const WallTime now = FromUnixMillis(kNowMs);
  struct Row {
    std::uint64_t ms;
    bool is_time;
    const char* why;
  };
  const Row rows[] = {
      {kNowMs, true, "the present"},
      {kNowMs + kDayMs, true, "a producer's clock may be ahead"},
      {kNowMs + kDayMs + 1, false, "but not by more than a day"},
      {1'262'304'000'000, true, "the first of January 2010: Redis itself is little older"},
      {1'262'303'999'999, false, "older than that"},
      {1'700'000'000, false, "seconds instead of milliseconds"},
      {7, false, "a made-up id"},
      {kMaxEntryId.ms, false, "would overflow every clock"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(TimeOf({row.ms, 0}, now).has_value(), row.is_time) << row.why;
  }
}

}  // namespace
}  // namespace streamgauge
