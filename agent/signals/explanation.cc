#include "signals/explanation.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "signals/words.h"

namespace streamgauge {
namespace {

std::string InWords(double seconds) { return DurationWords(seconds); }
std::string InWords(const std::optional<double>& seconds, std::string_view otherwise) {
  return seconds ? DurationWords(*seconds) : std::string(otherwise);
}

std::string InWords(const Trend& trend) {
  switch (trend.direction) {
    case Direction::kUnknown:
      return "unknown: not seen often or long enough";
    case Direction::kLevel:
      return "neither rose nor fell";
    default:
      return fmt::format("{}, from {} to {} in {}",
                         trend.direction == Direction::kRising ? "rose" : "fell",
                         Shown(trend.first), Shown(trend.last), DurationWords(trend.seconds));
  }
}

// Of members nothing is known but how many have a partition of the topic.
std::string InWords(const std::optional<ConsumerStates>& states, bool are_members) {
  if (!states) return "unknown";
  if (are_members) return fmt::format("{} with a partition of the topic", states->active);
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
  TellInput(trace, "watched for, points kept",
            fmt::format("{}, {}", InWords(input.watched), input.points));
  TellInput(trace, "lag", input.lag);
  if (!input.members_known) TellInput(trace, "pending", input.pending);
  TellInput(trace, "age of the oldest unread", InWords(input.lag_seconds, "unknown"));
  TellInput(trace, input.members_known ? "members" : "consumers",
            InWords(input.consumers, input.members_known));
  if (!input.members_known) TellInput(trace, "quiet for", InWords(input.quiet, "unknown"));
  TellInput(trace, "not seen to move for", InWords(input.unmoved));
  TellInput(trace, "unread at every poll for", InWords(input.unread_for, "no"));
  TellInput(trace, "unfinished at every poll for", InWords(input.backlog_for, "no"));
  if (input.members_known)
    TellInput(trace, "without members for", InWords(input.memberless_for, "no"));
  TellInput(trace, "last loss ago", InWords(input.lost_ago, "none seen"));
  TellInput(trace, "next loss in", InWords(input.loss_in, "none foreseen"));
  TellInput(trace, "backlog over the window", InWords(input.backlog));
  TellInput(trace, "age over the window", InWords(input.age));
  TellSection(trace, "verdict: the rules in their order");
}

}  // namespace streamgauge
