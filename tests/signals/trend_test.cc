#include "signals/trend.h"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

namespace streamgauge {
namespace {

struct Row {
  const char* reason;
  std::vector<double> values;
  double least_change;
  Direction expected;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.reason; }

class TrendRules : public testing::TestWithParam<Row> {};

TEST_P(TrendRules, TellsATrendFromUpAndDown) {
  const Row& row = GetParam();
  EXPECT_EQ(
      TrendOf(row.values, 300, {.least_change = row.least_change, .least_seconds = 270}).direction,
      row.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TrendRules,
    testing::Values(
        Row{"a straight rise", {1, 2, 3, 4, 5, 6, 7, 8, 9}, 0, Direction::kRising},
        Row{"a straight fall", {9, 8, 7, 6, 5, 4, 3, 2, 1}, 0, Direction::kFalling},
        Row{"a noisy rise", {1, 3, 2, 5, 4, 6, 9, 7, 8}, 0, Direction::kRising},
        Row{"a constant", {4, 4, 4, 4, 4, 4, 4, 4, 4}, 0, Direction::kLevel},
        Row{"a burst at the very end", {1, 2, 1, 2, 1, 2, 1, 2, 900}, 0, Direction::kLevel},
        Row{"a sawtooth whose end is high", {0, 3, 6, 9, 0, 3, 6, 9, 12}, 0, Direction::kLevel},
        Row{"one low value late: it was nearly worked off",
            {1, 2, 3, 4, 5, 6, 7, 3, 9},
            0,
            Direction::kLevel},
        Row{"up and down again", {1, 2, 3, 9, 9, 9, 4, 5, 6}, 0, Direction::kLevel},
        Row{"a rise below the least change", {1, 1, 1, 2, 2, 2, 3, 3, 3}, 3, Direction::kLevel},
        Row{"a rise of the least change", {1, 1, 1, 2, 2, 2, 4, 4, 4}, 3, Direction::kRising},
        Row{"a fall below the least change", {3, 3, 3, 2, 2, 2, 1, 1, 1}, 3, Direction::kLevel},
        Row{"five values are too few", {1, 2, 3, 4, 5}, 0, Direction::kUnknown},
        Row{"six are enough", {1, 2, 3, 4, 5, 6}, 0, Direction::kRising},
        Row{"nothing known", {}, 0, Direction::kUnknown}));

TEST(TrendSpan, LessThanTheLeastTimeIsNoTrend) {
  const std::vector<double> values = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const Trend trend = TrendOf(values, 269, {.least_seconds = 270});
  EXPECT_EQ(trend.direction, Direction::kUnknown);
  EXPECT_EQ(trend.first, 1);
  EXPECT_EQ(trend.last, 9);
  EXPECT_EQ(trend.lowest, 1);
}

}  // namespace
}  // namespace streamgauge
