// Whether a figure has really risen or fallen over the window, as opposed to going up and down.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "signals/time_ring.h"

namespace streamgauge {

enum class Direction : std::uint8_t { kUnknown, kLevel, kRising, kFalling };

struct Trend {
  Direction direction = Direction::kUnknown;
  double first = 0;    // the oldest value
  double last = 0;     // the newest
  double lowest = 0;   // of all
  double seconds = 0;  // between the oldest and the newest
};

// Fewer values than this have no trend.
inline constexpr std::size_t kLeastTrendPoints = 6;

// What counts as a change.
struct TrendLimits {
  double least_change = 0;   // in the figure's unit
  double least_seconds = 0;  // less time than this has no trend
};

// A rise is one where every value of the window's last third is above every value of its first
// third by at least the least change, and the middle lies between. Work that comes in batches of up
// to a window's length goes up and down as a sawtooth and is not taken for a trend, nor is a single
// burst, whatever its size. But values that were taken in step with the batches look like one, by a
// batch at most.
Trend TrendOf(std::span<const double> values, double seconds, const TrendLimits& limits);

// The trend of one figure of a history since a moment; unknown values are left out.
template <typename Point, typename Figure>
Trend TrendOf(const TimeRing<Point>& history, Figure Point::* figure, Tick since,
              const TrendLimits& limits) {
  std::array<double, TimeRing<Point>::kCapacity> values;
  std::size_t count = 0;
  Tick first = 0;
  Tick last = 0;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (std::isnan(history[i].*figure) || history[i].tick < since) continue;
    last = history[i].tick;
    if (count == 0) first = last;
    values[count++] = history[i].*figure;
  }
  return TrendOf(std::span(values.data(), count), SecondsBetween(first, last), limits);
}

}  // namespace streamgauge
