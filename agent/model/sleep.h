// Waiting that a stop ends.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "model/time.h"

namespace streamgauge {

// Returns at `until`, or within milliseconds after a stop was requested.
inline void SleepUntil(SteadyTime until, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never_notified;
  std::unique_lock lock(mutex);
  never_notified.wait_until(lock, stop, until, [] { return false; });
}

}  // namespace streamgauge
