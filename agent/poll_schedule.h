// When a target is polled next. Pure arithmetic on a grid of ticks, one interval apart, that starts
// with the first poll: waiting never drifts, however long polls take.
#pragma once

#include "model/time.h"

namespace streamgauge {

class PollSchedule {
 public:
  // The first poll is due at `first`.
  PollSchedule(SteadyTime first, Duration interval) : due_(first), interval_(interval) {}

  SteadyTime due() const { return due_; }

  // The poll that was due has ended at `now`; afterwards due() is after `now`.
  //
  // A poll that overran its interval makes the schedule skip the ticks it missed: a server that is
  // slow already is not asked without a pause. From the second failure in a row on, every other
  // tick is left out (up to a minute between two polls): enough to spare a server that is starting
  // or refuses a password, and recovery is still seen after two intervals.
  void PollEnded(SteadyTime now, bool success);

 private:
  SteadyTime due_;
  Duration interval_;
  int failures_ = 0;  // in a row; counted up to 2
};

}  // namespace streamgauge
