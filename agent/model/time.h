// The two clocks. Wall time comes from the outside (a server's TIME, a record's timestamp, or the
// agent's own clock) and may jump; steady time measures durations inside the agent.
#pragma once

#include <chrono>
#include <cstdint>

namespace streamgauge {

using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;
using Duration = std::chrono::milliseconds;

inline double ToSeconds(std::chrono::duration<double> d) { return d.count(); }

// Seconds since the epoch, as Prometheus wants timestamps.
inline double ToUnixSeconds(WallTime t) { return ToSeconds(t.time_since_epoch()); }

inline WallTime FromUnixMillis(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

inline std::int64_t ToUnixMillis(WallTime t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
}

// Whether milliseconds that somebody else has made up can be a message's time: not before 2010, and
// not more than a day ahead, as of clocks that are wrong. Counters, and times in other units, are
// not.
inline bool IsPlausibleTime(std::int64_t ms, WallTime now) {
  constexpr std::int64_t kEarliestMs = 1'262'304'000'000;  // 2010-01-01
  constexpr std::int64_t kDayMs = 86'400'000;
  return ms >= kEarliestMs && ms <= ToUnixMillis(now) + kDayMs;
}

inline WallTime WallNow() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace streamgauge
