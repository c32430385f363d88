// What is remembered of a stream and of a group on it: figures of the past window, unknown ones as
// NaN. About 0.8 and 1.1 KiB, however often a target is polled.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "model/reading.h"
#include "signals/time_ring.h"

namespace streamgauge {

inline constexpr float kUnknownFigure = std::numeric_limits<float>::quiet_NaN();

// What is shown as a number of messages keeps 53 bits, which no counter of messages exceeds;
// figures that are only compared with each other keep 24.
template <typename To, typename From>
To FigureOr(const std::optional<From>& value, To otherwise = kUnknownFigure) {
  return value ? static_cast<To>(*value) : otherwise;
}

// How far a total has come since it was first seen, reckoned by a RiseTrack (rates.h) over the time
// in which it was known. Only differences count: `milliseconds` may wrap around.
struct Progress {
  double messages = kUnknownFigure;  // NaN: the total is not known at this point
  std::uint32_t milliseconds = 0;
};

struct StreamPoint {
  Tick tick = 0;
  Progress appended;
  Progress trimmed;
};

struct GroupPoint {
  Tick tick = 0;
  double backlog = kUnknownFigure;
  float age = kUnknownFigure;       // of the oldest undelivered message
  float headroom = kUnknownFigure;  // in messages
  Progress delivered;
  Progress acknowledged;
};

using StreamHistory = TimeRing<StreamPoint>;
using GroupHistory = TimeRing<GroupPoint>;

}  // namespace streamgauge
