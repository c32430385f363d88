#include "signals/explanation.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "signals/words.h"

namespace streamgauge {
namespace {

std::string InWords(double seconds) { return DurationWords(seconds); }
std::string InWords(const std::optional<double>& seconds) {
  return seconds ? DurationWords(*seconds) : "no";
}

std::string InWords(const Trend& trend) {
  switch (trend.direction) {
    case Direction::kUnknown:
      return "unknown: not seen often or long enough";
    case Direction::kLevel:
      return "neither rose nor fell";
    default:
      return fmt::format("{}, from {:.3g} to {:.3g} in {}",
                         trend.direction == Direction::kRising ? "rose" : "fell", trend.first,
                         trend.last, DurationWords(trend.seconds));
  }
}

std::string InWords(const std::optional<ConsumerStates>& states) {
  if (!states) return "unknown";
  return fmt::format("{} active, {} idle, {} dead with pending, {} never read", states->active,
                     states->idle, states->dead_with_pending, states->never_read);
}

}  // namespace

void TellVerdictInput(Trace* trace, const VerdictInput& input, const SignalsConfig& config) {
  if (trace == nullptr) return;
  TellSection(trace, "what the verdict looks at");
  TellInput(trace, "window, loss horizon",
            DurationWords(ToSeconds(config.window)) + ", " +
                DurationWords(ToSeconds(config.loss_horizon)));
  TellInput(trace, "watched for, polls",
            fmt::format("{}, {}", InWords(input.watched), input.points));
  TellInput(trace, "lag, pending", fmt::format("{}, {}", Shown(input.lag), Shown(input.pending)));
  TellInput(trace, "age of the oldest unread", InWords(input.lag_seconds));
  TellInput(trace, input.members_known ? "members" : "consumers", InWords(input.consumers));
  if (!input.members_known) TellInput(trace, "quiet for", InWords(input.quiet));
  TellInput(trace, "not seen to move for", InWords(input.unmoved));
  TellInput(trace, "unread at every poll for", InWords(input.unread_for));
  TellInput(trace, "unfinished at every poll for", InWords(input.backlog_for));
  if (input.members_known) TellInput(trace, "without members for", InWords(input.memberless_for));
  TellInput(trace, "last loss ago", InWords(input.lost_ago));
  TellInput(trace, "next loss in", InWords(input.loss_in));
  TellInput(trace, "backlog over the window", InWords(input.backlog));
  TellInput(trace, "age over the window", InWords(input.age));
  TellSection(trace, "verdict: the rules in their order");
}

}  // namespace streamgauge
