#include "signals/settle.h"

namespace streamgauge {
namespace {

bool IsLeft(const VerdictInput& input) {
  return input.lag.value_or(0) > 0 || input.pending.value_or(0) > 0 ||
         input.lag_seconds.value_or(0) > 0;
}

// True at the second move within half a window since the stall was last met.
bool MovesAgain(const VerdictInput& input, double window, Tick now, VerdictMemory& memory) {
  if (input.unmoved > 0) return false;
  const bool again = memory.has_moved && SecondsBetween(memory.moved, now) <= window / 2;
  memory.moved = now;
  memory.has_moved = true;
  return again;
}

bool StaysStalled(const VerdictInput& input, double window, Tick now, VerdictMemory& memory) {
  // What has not moved for a window and is not stalled is so by other rules: no doubt is left.
  return input.unmoved < window && SecondsBetween(memory.met, now) < 2 * window &&
         !MovesAgain(input, window, now, memory);
}

bool LossIsNear(const VerdictInput& input, const SignalsConfig& config) {
  return input.loss_in && *input.loss_in <= 1.5 * ToSeconds(config.loss_horizon);
}

bool Stays(const Finding& next, const VerdictInput& input, const SignalsConfig& config, Tick now,
           VerdictMemory& memory) {
  const double window = ToSeconds(config.window);
  const double unmet = SecondsBetween(memory.met, now);
  if (next.state == GroupState::kUnknown) {
    const bool may_pass =
        next.evidence.Has(Cause::kLagUnknown) || next.evidence.Has(Cause::kMovesUnknown);
    return may_pass && unmet < window / 4;
  }
  const bool gets_better = next.state > memory.shown.state && next.state != GroupState::kRewound;
  if (!gets_better || !IsLeft(input)) return false;
  switch (memory.shown.state) {
    case GroupState::kStalled:
      return StaysStalled(input, window, now, memory);
    case GroupState::kLosingData:
      return unmet < window / 2 || LossIsNear(input, config);
    case GroupState::kFallingBehind:
    case GroupState::kCatchingUp:
      return unmet < window / 2;
    default:
      return false;
  }
}

std::optional<float> Figure(std::optional<double> seconds) {
  if (!seconds) return std::nullopt;
  return static_cast<float>(*seconds);
}

// Of a state that is held nothing is told but what is so now: the figures and causes by which it
// was met are past.
Evidence EvidenceOfHeld(const Evidence& met, double unmet, const VerdictInput& input) {
  Evidence evidence;
  evidence.Add(Cause::kHeld);
  evidence.held_seconds = static_cast<float>(unmet);
  if (input.moves_known) evidence.unmoved_seconds = static_cast<float>(input.unmoved);
  if (met.lost_seconds && input.lost_ago) {
    evidence.lost_seconds = Figure(input.lost_ago);
    evidence.lost_messages = input.lost_messages;
  }
  evidence.loss_in_seconds = Figure(input.loss_in);
  return evidence;
}

}  // namespace

void Settle(const Finding& finding, const VerdictInput& input, const SignalsConfig& config,
            Tick now, VerdictMemory& memory) {
  const bool same = memory.judged && finding.state == memory.shown.state;
  if (memory.judged && !same && Stays(finding, input, config, now, memory)) {
    memory.shown.evidence =
        EvidenceOfHeld(memory.shown.evidence, SecondsBetween(memory.met, now), input);
    return;
  }
  if (!same) memory.since = now;
  memory.shown = finding;
  memory.met = now;
  memory.has_moved = false;
  memory.judged = true;
}

}  // namespace streamgauge
