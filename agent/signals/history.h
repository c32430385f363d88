// What is remembered of a stream and of a group on it: figures of the past window, unknown ones as
// NaN. About 0.5 and 0.8 KiB, however often a target is polled.
#pragma once

#include <limits>
#include <optional>

#include "model/reading.h"
#include "signals/time_ring.h"

namespace streamgauge {

inline constexpr float kUnknownFigure = std::numeric_limits<float>::quiet_NaN();

// Totals keep 53 bits, which no counter of messages exceeds; figures that are only compared with
// each other keep 24.
template <typename To, typename From>
To FigureOr(const std::optional<From>& value, To otherwise = kUnknownFigure) {
  return value ? static_cast<To>(*value) : otherwise;
}

struct StreamPoint {
  Tick tick = 0;
  double appended = kUnknownFigure;
  double trimmed = kUnknownFigure;
};

struct GroupPoint {
  Tick tick = 0;
  float backlog = kUnknownFigure;
  float age = kUnknownFigure;       // of the oldest undelivered message
  float headroom = kUnknownFigure;  // in messages
  double delivered = kUnknownFigure;
  double acknowledged = kUnknownFigure;
};

using StreamHistory = TimeRing<StreamPoint>;
using GroupHistory = TimeRing<GroupPoint>;

inline StreamPoint PointOf(const StreamReading& stream, Tick now) {
  return {.tick = now,
          .appended = FigureOr<double>(stream.appended_total),
          .trimmed = FigureOr<double>(stream.trimmed_total)};
}

inline GroupPoint PointOf(const GroupReading& group, std::optional<std::uint64_t> backlog,
                          Tick now) {
  return {.tick = now,
          .backlog = FigureOr<float>(backlog),
          .age = FigureOr<float>(group.lag_seconds),
          .headroom = FigureOr<float>(group.headroom_messages),
          .delivered = FigureOr<double>(group.delivered_total),
          .acknowledged = FigureOr<double>(group.acknowledged_total)};
}

}  // namespace streamgauge
