#include "signals/settle.h"

namespace streamgauge {
namespace {

bool IsLeft(const VerdictInput& input) {
  return input.lag.value_or(0) > 0 || input.pending.value_or(0) > 0 ||
         input.lag_seconds.value_or(0) > 0;
}

// True at the second move within a window since the stall was last met.
bool MovesAgain(const VerdictInput& input, double window, Tick now, VerdictMemory& memory) {
  if (input.unmoved > 0) return false;
  const bool again = memory.has_moved && SecondsBetween(memory.moved, now) < window;
  memory.moved = now;
  memory.has_moved = true;
  return again;
}

bool StaysStalled(const VerdictInput& input, double window, Tick now, VerdictMemory& memory) {
  // What has not moved for a window and is not stalled is so by other rules: no doubt is left.
  return input.unmoved < window && !MovesAgain(input, window, now, memory);
}

bool Stays(const Finding& next, const VerdictInput& input, double window, Tick now,
           VerdictMemory& memory) {
  const bool is_fresh = SecondsBetween(memory.met, now) < window / 4;
  if (next.state == GroupState::kUnknown) {
    return next.evidence.Has(Cause::kLagUnknown) && is_fresh;
  }
  const bool gets_better = next.state > memory.shown.state && next.state > GroupState::kStalled;
  if (!gets_better || !IsLeft(input)) return false;
  switch (memory.shown.state) {
    case GroupState::kStalled:
      return StaysStalled(input, window, now, memory);
    case GroupState::kLosingData:
    case GroupState::kFallingBehind:
    case GroupState::kCatchingUp:
      return is_fresh;
    default:
      return false;
  }
}

}  // namespace

void Settle(const Finding& finding, const VerdictInput& input, const SignalsConfig& config,
            Tick now, VerdictMemory& memory) {
  const double window = ToSeconds(config.window);
  const bool same = memory.judged && finding.state == memory.shown.state;
  if (memory.judged && !same && Stays(finding, input, window, now, memory)) {
    memory.shown.evidence.Add(Cause::kHeld);
    return;
  }
  if (!same) memory.since = now;
  memory.shown = finding;
  memory.met = now;
  memory.has_moved = false;
  memory.judged = true;
}

}  // namespace streamgauge
