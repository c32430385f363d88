// Messages per second over the window, and what follows from them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "model/trace.h"
#include "signals/history.h"

namespace streamgauge {

// Two points make a rate that the next one may contradict; from three on it is published.
inline constexpr std::size_t kLeastPoints = 3;

// Adds up the rises of a total from poll to poll and the time that they took. A total that is
// absent, or that falls (its source has begun anew), breaks it: what passed meanwhile is in neither
// sum, so that it bends no rate. A poll that was missed altogether is no break.
class RiseTrack {
 public:
  Progress Observe(std::optional<std::uint64_t> total, Tick now) {
    if (total && last_ && *total >= *last_) {
      messages_ += static_cast<double>(*total - *last_);
      milliseconds_ += static_cast<std::uint32_t>(now - last_tick_);
    }
    last_ = total;
    last_tick_ = now;
    return {.messages = total ? messages_ : kUnknownFigure, .milliseconds = milliseconds_};
  }

 private:
  std::optional<std::uint64_t> last_;
  Tick last_tick_ = 0;
  double messages_ = 0;
  std::uint32_t milliseconds_ = 0;
};

// The largest rise of a total between two polls that followed each other, of the past window or at
// least half of it. Where messages go in batches it is a batch, or more.
class LargestRise {
 public:
  void Observe(std::optional<std::uint64_t> total, Tick now, Tick window) {
    if (now - begun_ >= window / 2) {
      before_ = std::exchange(recent_, 0);
      begun_ = now;
    }
    if (total && last_ && *total > *last_) recent_ = std::max(recent_, *total - *last_);
    last_ = total;
  }
  double messages() const { return static_cast<double>(std::max(before_, recent_)); }

 private:
  std::optional<std::uint64_t> last_;
  std::uint64_t before_ = 0;  // of the half window before the present one
  std::uint64_t recent_ = 0;
  Tick begun_ = 0;
};

// What a total has risen by in the window, and the time in which that was seen.
struct Rise {
  double messages = 0;
  double seconds = 0;
  double rate() const { return messages / seconds; }
};

// Where less than this share of the time was seen, nothing is said about the whole.
inline constexpr double kLeastShareSeen = 1.0 / 3;

// Absent with fewer than kLeastPoints points at which the total is known, and where less than a
// third of the history's time was seen. `total` is a pointer to member of Point.
template <typename Point>
std::optional<Rise> RiseOf(const TimeRing<Point>& history, Progress Point::* total) {
  const Progress* first = nullptr;
  const Progress* last = nullptr;
  std::size_t known = 0;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const Progress& progress = history[i].*total;
    if (std::isnan(progress.messages)) continue;
    if (known++ == 0) first = &progress;
    last = &progress;
  }
  if (known < kLeastPoints || last->milliseconds == first->milliseconds) return std::nullopt;
  const double seconds = SecondsBetween(0, last->milliseconds - first->milliseconds);
  if (seconds < kLeastShareSeen * history.seconds()) return std::nullopt;
  return Rise{last->messages - first->messages, seconds};
}

// Seconds until nothing is left to finish, as things go: 0 with an empty backlog, +infinity when it
// does not shrink. Absent when one of the figures is.
std::optional<double> DrainSeconds(std::optional<std::uint64_t> backlog,
                                   std::optional<double> finish_rate,
                                   std::optional<double> append_rate, Trace* trace = nullptr);

}  // namespace streamgauge
