#include "signals/trend.h"

#include <numeric>

namespace streamgauge {
namespace {

struct Third {
  double lowest;
  double highest;
  double mean;
};

Third Summarize(std::span<const double> values) {
  const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {*lowest, *highest, sum / static_cast<double>(values.size())};
}

bool Rises(const Third& from, const Third& middle, const Third& to, double least_change) {
  return to.lowest > from.highest && to.lowest - from.highest >= least_change &&
         from.mean < middle.mean && middle.mean < to.mean;
}

}  // namespace

Trend TrendOf(std::span<const double> values, double seconds, const TrendLimits& limits) {
  if (values.empty()) return {};
  Trend trend{.first = values.front(),
              .last = values.back(),
              .lowest = *std::min_element(values.begin(), values.end()),
              .seconds = seconds};
  if (values.size() < kLeastTrendPoints || seconds < limits.least_seconds) return trend;
  const std::size_t third = values.size() / 3;
  const Third first = Summarize(values.first(third));
  const Third middle = Summarize(values.subspan(third, values.size() - 2 * third));
  const Third last = Summarize(values.last(third));
  if (Rises(first, middle, last, limits.least_change)) {
    trend.direction = Direction::kRising;
  } else if (Rises(last, middle, first, limits.least_change)) {
    trend.direction = Direction::kFalling;
  } else {
    trend.direction = Direction::kLevel;
  }
  return trend;
}

}  // namespace streamgauge
