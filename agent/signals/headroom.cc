#include "signals/headroom.h"

#include <algorithm>
#include <limits>

#include "signals/removal.h"

namespace streamgauge {
namespace {

std::optional<double> Sooner(std::optional<double> a, std::optional<double> b) {
  if (!a) return b;
  return b ? std::min(*a, *b) : a;
}

// Redis: trimming comes nearer by what it takes away beyond what is delivered. In a steady flow the
// difference is noise around 0, and a headroom made of noise would be a false figure: it must have
// shrunk through the whole window. Where that much is trimmed or read at once about as often as is
// polled, the polls see one place after the other of a sawtooth, and what goes up and down looks as
// if it fell for windows on end: by one batch of each at most. What is in the window from before a
// group went back, or from a single trim some time ago, goes on in no way.
Headroom ByTrimming(const HeadroomInput& input, Trace* trace) {
  const bool goes_on = input.trim_ago && *input.trim_ago <= input.window / 3;
  if (!Tried(trace, "the stream was trimmed within a third of the window", goes_on)) return {};
  const bool settled = input.settled >= input.window;
  if (!Tried(trace, "the group was watched for a window without going back", settled)) return {};
  const auto& messages = input.group->headroom_messages;
  const bool known = messages && input.trimmed && input.delivered;
  if (!Tried(trace, "headroom_messages and both rates are known", known)) return {};
  const bool shrinks = input.headroom_messages.direction == Direction::kFalling;
  if (!Tried(trace, "headroom_messages shrank through the whole window", shrinks)) return {};
  const bool for_real = input.fall > input.swing;
  if (!Tried(trace, "by more than one batch of trimming and one of reading", for_real)) return {};
  const double approach_rate = input.trimmed->rate() - input.delivered->rate();
  if (!Tried(trace, "more is trimmed than delivered", approach_rate > 0)) return {};
  const double seconds = static_cast<double>(*messages) / approach_rate;
  TellFigure(trace, "headroom_seconds", "{} = {} / ({} - {})", Shown(seconds), *messages,
             Shown(input.trimmed->rate()), Shown(input.delivered->rate()));
  return {seconds, seconds};
}

Headroom ByRemoval(const HeadroomInput& input, Trace* trace) {
  const bool rises = input.backlog.direction == Direction::kRising;
  if (!Tried(trace, "the backlog rose through the whole window", rises)) return {};
  TellInput(trace, "seconds until the start offset is there", input.seconds_to_removal);
  return {input.seconds_to_removal, input.seconds_to_removal};
}

// The age of the oldest unread record that is one for sure. Absent where there is none, or where it
// is not known.
std::optional<double> AgeOfMessages(const StreamReading& stream, const GroupReading& group) {
  if (group.partitions.empty()) return group.lag_seconds;
  std::optional<double> oldest;
  for (const GroupPartitionReading& mine : group.partitions) {
    if (IsOnlyMarker(mine, FindPartition(stream.partitions, mine.partition))) continue;
    if (!mine.lag_seconds) return std::nullopt;
    oldest = std::max(oldest.value_or(0), *mine.lag_seconds);
  }
  return oldest;
}

Headroom ByRetention(double retention_seconds, const HeadroomInput& input, Trace* trace) {
  const auto& age = input.group->lag_seconds;
  if (!Tried(trace, "lag_seconds is known", age.has_value())) return {};
  const double left = std::max(0.0, retention_seconds - *age);
  TellFigure(trace, "time left by retention", "{} = max(0, {} - {})", Shown(left),
             Shown(retention_seconds), Shown(*age));
  if (input.age.direction != Direction::kRising) return {left, std::nullopt};
  const double ageing = (input.age.last - input.age.first) / input.age.seconds;
  const auto oldest = AgeOfMessages(*input.stream, *input.group);
  if (!Tried(trace, "it ages, and more than a transaction's marker is unread",
             oldest.has_value())) {
    return {left, std::nullopt};
  }
  return {left, std::max(0.0, retention_seconds - *oldest) / ageing};
}

}  // namespace

Headroom HeadroomOf(const HeadroomInput& input, Trace* trace) {
  const StreamReading& stream = *input.stream;
  constexpr double kNever = std::numeric_limits<double>::infinity();
  if (Tried(trace, "retention is unlimited: +Inf", stream.retention_unlimited)) {
    return {kNever, std::nullopt};
  }
  if (stream.partitions.empty()) return ByTrimming(input, trace);
  const Headroom removal = ByRemoval(input, trace);
  TellInput(trace, "retention in seconds", stream.retention_seconds);
  if (!stream.retention_seconds) return stream.compacted ? Headroom{} : removal;
  // Unlimited time with limited size: only the removal that is seen tells anything.
  if (*stream.retention_seconds == kNever) return removal;
  const Headroom retention = ByRetention(*stream.retention_seconds, input, trace);
  // Half of "whichever is sooner" is no answer for the figure, but enough for a warning.
  return {retention.seconds ? Sooner(retention.seconds, removal.seconds) : std::nullopt,
          Sooner(retention.loss_in_seconds, removal.loss_in_seconds)};
}

}  // namespace streamgauge
