#include "poll_schedule.h"

#include <algorithm>
#include <chrono>

namespace streamgauge {
namespace {

constexpr Duration kLongestBackOff = std::chrono::minutes(1);

}  // namespace

void PollSchedule::PollEnded(SteadyTime now, bool success) {
  failures_ = success ? 0 : std::min(failures_ + 1, 2);
  const bool back_off = failures_ == 2;
  // An interval above a minute is its own back-off.
  const Duration step =
      back_off ? std::max(interval_, std::min(2 * interval_, kLongestBackOff)) : interval_;
  due_ += step;
  if (due_ > now) return;
  due_ += ((now - due_) / interval_ + 1) * interval_;
}

}  // namespace streamgauge
