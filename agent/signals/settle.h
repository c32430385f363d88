// Hysteresis: keeps a verdict from flapping where a rule is met at one poll and not at the next.
#pragma once

#include "config/config.h"
#include "signals/time_ring.h"
#include "signals/verdict.h"

namespace streamgauge {

// What is remembered of the verdicts on one group.
struct VerdictMemory {
  Finding shown;
  Tick since = 0;  // shown.state is shown
  Tick met = 0;    // the rules last gave shown.state
  Tick moved = 0;  // while stalled: the last move; valid with has_moved
  bool has_moved = false;
  bool judged = false;  // false: `shown` is nothing yet
};

// Takes what the rules give now and leaves in memory.shown what is to be shown. A worse state is
// shown at once, and so is rewound, and whatever follows when nothing is left to finish. Apart from
// that:
// - losing_data, falling_behind and catching_up stay for half a window after they were last met;
// - losing_data stays as long as the loss is within one and a half times the horizon;
// - stalled stays until the group has moved twice within half a window, or two windows after it was
//   last met, so that one that moves about once a window is not stalled and well by turns;
// - any state stays for a quarter of the window when the lag has become unknown.
void Settle(const Finding& finding, const VerdictInput& input, const SignalsConfig& config,
            Tick now, VerdictMemory& memory);

}  // namespace streamgauge
