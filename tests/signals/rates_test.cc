#include "signals/rates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace streamgauge {
namespace {

StreamHistory HistoryOf(std::initializer_list<std::pair<Tick, double>> points) {
  StreamHistory history;
  for (const auto& [second, total] : points) {
    history.Push({.tick = second * 1000, .appended = total}, 300'000);
  }
  return history;
}

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

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

TEST(Rise, UnknownPointsAreNoZeros) {
  const auto rise = RiseOf(
      HistoryOf({{0, kUnknown}, {20, 100}, {40, 200}, {60, kUnknown}, {80, 400}, {100, kUnknown}}),
      &StreamPoint::appended);
  ASSERT_TRUE(rise);
  EXPECT_DOUBLE_EQ(rise->messages, 300);
  EXPECT_DOUBLE_EQ(rise->seconds, 60);
  EXPECT_FALSE(
      RiseOf(HistoryOf({{0, 1}, {20, kUnknown}, {40, kUnknown}, {60, 4}}), &StreamPoint::appended));
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
