// A process' wall clock in the hands of a test (preload/shifted_clock.c). Its monotonic clock, and
// the clocks of everybody else, are left as they are.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "faults/ledger.h"
#include "support/temp_dir.h"

namespace streamgauge::test {

// Which of a scene's processes has such a clock.
enum class ClockOf : std::uint8_t { kNobody, kServer, kAgent };

class ShiftedClock {
 public:
  ShiftedClock();
  ~ShiftedClock();
  ShiftedClock(const ShiftedClock&) = delete;
  ShiftedClock& operator=(const ShiftedClock&) = delete;

  // For the environment of the process whose clock it is.
  std::map<std::string, std::string> Environment() const;
  // From now on it is so much ahead of the real one.
  void SetAhead(std::chrono::milliseconds ahead);
  // The latest moment up to `now` at which this clock may have shown `shown`.
  WallMoment RealMomentOf(WallMoment shown, WallMoment now) const;

 private:
  TempDir folder_{"clock"};
  std::int64_t* shift_ms_ = nullptr;  // mapped
  Ledger<std::chrono::milliseconds> ahead_;
};

}  // namespace streamgauge::test
