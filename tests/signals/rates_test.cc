#include "signals/rates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace streamgauge {
namespace {

StreamHistory HistoryOf(std::initializer_list<std::pair<Tick, double>> points) {
  StreamHistory history;
  RiseTrack track;
  for (const auto& [second, total] : points) {
    const auto known = total < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(total));
    const Tick tick = second * 1000;
    history.Push({.tick = tick, .appended = track.Observe(known, tick)}, 300'000);
  }
  return history;
}

constexpr double kUnknown = -1;

TEST(Rise, IsAbsentWithFewerThanThreePoints) {
  EXPECT_FALSE(RiseOf(HistoryOf({}), &StreamPoint::appended));
  EXPECT_FALSE(RiseOf(HistoryOf({{0, 1}, {20, 2}}), &StreamPoint::appended));
  EXPECT_TRUE(RiseOf(HistoryOf({{0, 1}, {20, 2}, {40, 3}}), &StreamPoint::appended));
}

TEST(Rise, MissedPollsDoNotMatter) {
  const auto rise =
      RiseOf(HistoryOf({{0, 0}, {20, 200}, {240, 2400}, {260, 2600}}), &StreamPoint::appended);
  ASSERT_TRUE(rise);
  EXPECT_DOUBLE_EQ(rise->rate(), 10);
}

TEST(Rise, AnUnknownTotalBreaksRiseAndTimeAlike) {
  const auto rise = RiseOf(HistoryOf({{0, kUnknown},
                                      {20, 100},
                                      {40, 200},
                                      {60, kUnknown},
                                      {80, 250},
                                      {100, 350},
                                      {120, kUnknown}}),
                           &StreamPoint::appended);
  ASSERT_TRUE(rise);
  EXPECT_DOUBLE_EQ(rise->messages, 200) << "what it rose by from 40 to 80 is not known";
  EXPECT_DOUBLE_EQ(rise->seconds, 40);
}

TEST(Rise, AFallIsABreak) {
  const auto rise =
      RiseOf(HistoryOf({{0, 500}, {20, 600}, {40, 50}, {60, 150}}), &StreamPoint::appended);
  ASSERT_TRUE(rise);
  EXPECT_DOUBLE_EQ(rise->messages, 200);
  EXPECT_DOUBLE_EQ(rise->seconds, 40);
}

TEST(Rise, IsAbsentWhenTooLittleWasSeen) {
  const double none = kUnknown;
  EXPECT_FALSE(RiseOf(HistoryOf({{0, 1}, {20, none}, {40, none}, {60, 4}}), &StreamPoint::appended))
      << "two points";
  EXPECT_FALSE(
      RiseOf(HistoryOf({{0, 1}, {20, none}, {40, 3}, {60, none}, {80, 5}}), &StreamPoint::appended))
      << "no two of them are neighbours";
  EXPECT_TRUE(RiseOf(HistoryOf({{0, 1}, {20, 2}, {40, 3}, {80, none}, {120, none}}),
                     &StreamPoint::appended))
      << "a third of the time";
  EXPECT_FALSE(RiseOf(HistoryOf({{0, 1}, {20, 2}, {40, 3}, {80, none}, {121, none}}),
                      &StreamPoint::appended))
      << "less than that";
}

TEST(Drain, FollowsTheContract) {
  const auto none = std::nullopt;
  EXPECT_EQ(DrainSeconds(0, none, none), 0) << "empty";
  EXPECT_EQ(DrainSeconds(1200, 30, 20), 120);
  EXPECT_TRUE(std::isinf(DrainSeconds(1200, 20, 20).value())) << "does not shrink";
  EXPECT_TRUE(std::isinf(DrainSeconds(1200, 10, 20).value())) << "grows";
  EXPECT_FALSE(DrainSeconds(none, 30, 20)) << "backlog unknown";
  EXPECT_FALSE(DrainSeconds(1200, none, 20)) << "finish rate unknown";
  EXPECT_FALSE(DrainSeconds(1200, 30, none)) << "append rate unknown";
}

}  // namespace
}  // namespace streamgauge
