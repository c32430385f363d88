#include "redis/reading_builder.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace streamgauge {
namespace {

// Ids may be made up by producers: a stream whose first or last id is no timestamp has no ages.
bool HasTimestamps(const StreamFacts& stream, WallTime now) {
  return (!stream.first || TimeOf(*stream.first, now)) &&
         (!stream.last || TimeOf(*stream.last, now));
}

std::optional<double> AgeOf(EntryId id, WallTime now) {
  const auto time = TimeOf(id, now);
  if (!time) return std::nullopt;
  return std::max(0.0, ToSeconds(now - *time));
}

StreamReading BuildStream(StreamWork& work, const Epochs& epochs, WallTime now) {
  StreamState& state = *work.state;
  StreamReading stream;
  stream.name = state.name;
  stream.incarnation = state.incarnation;
  stream.length = work.facts->length;
  stream.bytes = work.memory_bytes;
  if (work.light) return stream;
  stream.group_count = work.facts->groups;
  const auto totals = state.counters.Observe(*work.facts, epochs);
  stream.appended_total = totals.appended;
  stream.removed_total = totals.removed;
  stream.trimmed_total = totals.trimmed;
  if (!work.facts->first || !work.facts->last) return stream;
  const auto oldest = TimeOf(*work.facts->first, now);
  const auto newest = TimeOf(*work.facts->last, now);
  if (oldest && newest) stream.span_seconds = ToSeconds(*newest - *oldest);
  return stream;
}

void AddLag(const GroupWork& work, bool timestamps, WallTime now, Telemetry& telemetry,
            GroupReading& group) {
  group.lag_source = work.lag.source;
  group.lag = work.lag.messages;
  Trace* trace = work.trace;
  if (group.lag && *group.lag <= work.moment.stream.length) {
    group.headroom_messages = work.moment.stream.length - *group.lag;
    TellFigure(trace, "headroom_messages", "{} = L - lag", *group.headroom_messages);
  } else {
    TellFigure(trace, "headroom_messages", "unknown, as the lag is");
  }
  if (Tried(trace, "the lag is 0: lag_seconds is 0", group.lag && *group.lag == 0)) {
    group.lag_seconds = 0;
  } else if (Tried(trace, "the oldest unread entry is known", work.next_unread.has_value()) &&
             Tried(trace, "the stream's ids are plausible times", timestamps)) {
    group.lag_seconds = AgeOf(*work.next_unread, now);
    if (trace != nullptr) TellInput(trace, "oldest unread entry", ToString(*work.next_unread));
    // One of the snapshot's entries, which was there before the time was read.
    const auto time = TimeOf(*work.next_unread, now);
    if (time && *time > now) ++telemetry.clock_clamps;
  }
  TellFigure(trace, "lag_seconds = now - the time in that id", group.lag_seconds);
}

void AddPending(const GroupWork& work, bool timestamps, WallTime now, GroupReading& group) {
  group.pending = work.moment.group.pending;
  group.pending_trimmed = work.pending_trimmed;
  TellFigure(work.trace, "pending", "{}", *group.pending);
  TellFigure(work.trace, "pending_trimmed", work.pending_trimmed);
  if (!Tried(work.trace, "the oldest pending entry is known", work.oldest_pending.has_value())) {
    return;
  }
  const PendingEntry& oldest = *work.oldest_pending;
  // It may have been added and delivered after the time was read: that is no clock's fault.
  if (timestamps) group.oldest_pending_seconds = AgeOf(oldest.id, now);
  if (oldest.owned && oldest.idle_ms) {
    group.oldest_pending_idle_seconds = static_cast<double>(*oldest.idle_ms) / 1000;
  }
  group.max_deliveries = oldest.deliveries;
  if (work.trace == nullptr) return;
  TellInput(work.trace, "oldest pending entry", ToString(oldest.id));
  TellFigure(work.trace, "oldest_pending_seconds = now - the time in that id",
             group.oldest_pending_seconds);
  TellFigure(work.trace, "oldest_pending_idle_seconds", group.oldest_pending_idle_seconds);
  TellFigure(work.trace, "max_deliveries", group.max_deliveries);
}

void AddConsumers(const GroupWork& work, WallTime now, GroupReading& group) {
  const GroupFacts& facts = work.moment.group;
  const std::optional<ConsumerList>& list = work.state->list;
  group.consumer_count = facts.consumers;
  group.consumers_listed = facts.consumers == 0;
  if (facts.consumers == 0 || !IsUsable(list, facts.consumers, now)) return;
  group.consumers = list->consumers;
  group.consumers_listed = list->whole;
  group.consumers_age_seconds = ToSeconds(now - list->at);
  if (list->at == now || facts.pending > 0) return;
  // What they held when they were listed is finished, for sure.
  for (ConsumerReading& consumer : group.consumers) consumer.pending = 0;
}

void AddTotals(const GroupWork& work, bool trims_references, GroupReading& group) {
  GroupCounters::Context context{
      .lag = work.lag,
      .oldest_pending = {},
      .pending_seen = work.pending_seen || work.moment.group.pending == 0,
      .highest_pending = work.highest_pending,
      .rewound = work.rewound,
      .trims_references = trims_references};
  if (work.oldest_pending) context.oldest_pending = work.oldest_pending->id;
  TellSection(work.trace, "totals since the first of these polls");
  const auto totals = work.state->counters.Observe(work.moment, context, work.trace);
  TellFigure(work.trace, "delivered_total", totals.delivered);
  TellFigure(work.trace, "acknowledged_total", totals.acknowledged);
  TellFigure(work.trace, "lost_total", totals.lost);
  group.delivered_total = totals.delivered;
  group.acknowledged_total = totals.acknowledged;
  group.lost_total = totals.lost;
}

GroupReading BuildGroup(GroupWork& work, std::uint32_t stream, WallTime now, Telemetry& telemetry) {
  GroupState& state = *work.state;
  GroupReading group;
  group.stream = stream;
  group.name = state.name;
  group.incarnation = state.incarnation;
  const bool timestamps = HasTimestamps(work.moment.stream, now);
  TellSection(work.trace, "ages, headroom and pending messages");
  if (work.trace != nullptr) TellInput(work.trace, "now, by TIME", ToUnixMillis(now));
  AddLag(work, timestamps, now, telemetry, group);
  AddPending(work, timestamps, now, group);
  group.position = Position{work.moment.group.delivered.ms, work.moment.group.delivered.seq};
  group.rewound = work.rewound;
  AddConsumers(work, now, group);
  return group;
}

void AddSkipped(const PollWork& work, Reading& reading) {
  const auto add = [&](std::string_view kind, std::string_view reason, std::uint64_t count) {
    if (count > 0) reading.skipped.push_back({kind, reason, count});
  };
  std::array<std::uint64_t, kReasonCount> failed{};
  std::uint64_t deferred_streams = 0;
  std::uint64_t left_out_streams = 0;
  for (const StreamWork& stream : work.streams) {
    if (stream.error && !stream.redirect) ++failed[static_cast<std::size_t>(stream.error->reason)];
    if (stream.light || stream.deferred) ++deferred_streams;
    if (stream.left_out) ++left_out_streams;
  }
  const auto deferred_groups = std::ranges::count(work.groups, true, &GroupWork::deferred);
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    add("stream", ToString(static_cast<Reason>(i)), failed[i]);
  }
  add("stream", "deferred", deferred_streams);
  add("stream", "limit", left_out_streams);
  add("group", "limit", work.groups_over_limit);
  add("group", "deferred", static_cast<std::uint64_t>(deferred_groups));
  add("consumer", "limit", work.consumers_over_limit);
}

}  // namespace

Reading BuildReading(PollWork& work, const Epochs& epochs, Telemetry& telemetry) {
  Reading reading;
  reading.time = *work.time;
  std::vector<std::uint32_t> position(work.streams.size());
  for (std::size_t i = 0; i < work.streams.size(); ++i) {
    if (!work.streams[i].facts) continue;
    position[i] = static_cast<std::uint32_t>(reading.streams.size());
    reading.streams.push_back(BuildStream(work.streams[i], epochs, reading.time));
  }
  reading.groups.reserve(work.groups.size());
  for (GroupWork& group : work.groups) {
    reading.groups.push_back(BuildGroup(group, position[group.stream], reading.time, telemetry));
    AddTotals(group, work.trims_references, reading.groups.back());
  }
  AddSkipped(work, reading);
  return reading;
}

}  // namespace streamgauge
