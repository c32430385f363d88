// Messages per second over the window, and what follows from them.
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>

#include "signals/history.h"

namespace streamgauge {

// Two points make a rate that the next one may contradict; from three on it is published.
inline constexpr std::size_t kLeastPoints = 3;

// The rise of a total from the oldest known point to the newest, and the time that it took. Polls
// that were missed in between do not matter.
struct Rise {
  double messages = 0;
  double seconds = 0;
  double rate() const { return messages / seconds; }
};

// Absent with fewer than kLeastPoints known points. `total` is a pointer to member of Point.
template <typename Point>
std::optional<Rise> RiseOf(const TimeRing<Point>& history, double Point::* total) {
  const Point* first = nullptr;
  const Point* last = nullptr;
  std::size_t known = 0;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const Point& point = history[i];
    if (std::isnan(point.*total)) continue;
    if (known++ == 0) first = &point;
    last = &point;
  }
  if (known < kLeastPoints || last->tick == first->tick) return std::nullopt;
  return Rise{last->*total - first->*total, SecondsBetween(first->tick, last->tick)};
}

// Seconds until nothing is left to finish, as things go: 0 with an empty backlog, +infinity when it
// does not shrink. Absent when one of the figures is.
std::optional<double> DrainSeconds(std::optional<std::uint64_t> backlog,
                                   std::optional<double> finish_rate,
                                   std::optional<double> append_rate);

}  // namespace streamgauge
