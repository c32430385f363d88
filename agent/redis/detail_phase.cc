#include "redis/detail_phase.h"

#include <algorithm>
#include <span>
#include <string>

#include "redis/name_limit.h"

namespace streamgauge {
namespace {

// How far back among a stream's groups one is sought that stands at the same place.
constexpr std::size_t kTwinsSought = 8;
constexpr Duration kConsumersBackAfter = std::chrono::minutes(2);
constexpr std::uint64_t kLongestIdleMs = std::uint64_t{1} << 60;
// Rows of XPENDING that may be read to count trimmed entries, and groups that are counted in one
// poll. Groups beyond take turns.
constexpr std::uint64_t kTrimmedRows = 1000;
constexpr std::size_t kTrimmedCountsPerPoll = 20;

std::string_view KeyOf(const PollWork& work, const GroupWork& group) {
  return work.streams[group.stream].state->name->text();
}

// Wraps the reading of a reply: an error reply or an unexpected shape is noted and concerns this
// item only.
template <typename Parse, typename Take>
Pipeline::OnReply OnParsed(PollWork& work, Request request, std::string_view key, Parse parse,
                           Take take) {
  return [&work, request, key, parse, take](const Reply& reply) {
    if (reply.IsError()) {
      work.errors.Note(reply.text(), request, key);
    } else if (const auto parsed = parse(reply)) {
      take(*parsed);
    } else {
      work.errors.Note(Error(parsed.error()).In(key));
    }
  };
}

// Entries before F are gone. Others may be as well, by XDEL, unless the highest deleted id is lower
// than everything that counts.
bool OnlyTrimmedAreGone(const StreamFacts& stream, EntryId oldest_pending) {
  return stream.first && stream.max_deleted &&
         (*stream.max_deleted < *stream.first || *stream.max_deleted < oldest_pending);
}

// What can be told about trimmed pending entries without asking.
void DeduceTrimmedPending(GroupWork& group) {
  if (group.moment.group.pending == 0) {
    group.pending_trimmed = 0;
  } else if (group.moment.stream.length == 0) {
    group.pending_trimmed = group.moment.group.pending;
  } else if (group.oldest_pending &&
             OnlyTrimmedAreGone(group.moment.stream, group.oldest_pending->id) &&
             group.oldest_pending->id >= *group.moment.stream.first) {
    group.pending_trimmed = 0;
  }
}

bool MustCountTrimmed(const GroupWork& group) {
  return !group.pending_trimmed && group.oldest_pending &&
         OnlyTrimmedAreGone(group.moment.stream, group.oldest_pending->id);
}

bool HasUnread(const Moment& moment) {
  return moment.stream.first && moment.stream.last && moment.group.delivered < *moment.stream.last;
}

// The oldest unread entry where nobody has to be asked. REQUIRES: HasUnread.
std::optional<EntryId> KnownUnread(const GroupWork& group) {
  const StreamFacts& stream = group.moment.stream;
  if (group.moment.group.delivered < *stream.first) return stream.first;
  if (group.lag.messages == 1u) return stream.last;
  return group.state->oldest_unread.Recall(group.moment);
}

// An earlier group of the stream that stands at the same place and asks, or knows.
std::optional<std::size_t> FindTwin(const PollWork& work, std::size_t index) {
  const GroupWork& group = work.groups[index];
  for (std::size_t back = 1; back <= std::min(index, kTwinsSought); ++back) {
    const GroupWork& other = work.groups[index - back];
    if (other.stream != group.stream) return std::nullopt;
    if (other.moment.group.delivered != group.moment.group.delivered) continue;
    return other.same_unread.value_or(index - back);
  }
  return std::nullopt;
}

}  // namespace

Result<void> DetailPhase::Run(Pipeline& pipeline, PollWork& work) {
  ChooseLists(work, settings_.max_consumers_per_group);
  const auto asked = AskGroups(pipeline, work);
  if (!asked) return asked;
  if (settings_.stream_bytes) {
    const auto memory = AskMemory(pipeline, work);
    if (!memory) return memory;
  }
  const auto answered = pipeline.Flush();
  if (!answered) return answered;
  ShareUnread(work);
  for (GroupWork& group : work.groups) DeduceTrimmedPending(group);
  return AskTrimmedPending(pipeline, work);
}

Result<void> DetailPhase::AskGroups(Pipeline& pipeline, PollWork& work) {
  const std::size_t count = work.groups.size();
  const auto first = static_cast<std::size_t>(
      std::ranges::lower_bound(work.groups, work.turns.details, {}, &GroupWork::stream) -
      work.groups.begin());
  work.turns.details = 0;
  std::size_t asked = 0;
  for (; asked < count && !IsOver(work.limits.everything); ++asked) {
    const auto sent = AskGroup(pipeline, work, (first + asked) % count);
    if (!sent) return sent;
  }
  if (asked < count) work.turns.details = work.groups[(first + asked) % count].stream;
  for (; asked < count; ++asked) work.groups[(first + asked) % count].deferred = true;
  return {};
}

Result<void> DetailPhase::AskGroup(Pipeline& pipeline, PollWork& work, std::size_t index) {
  GroupWork& group = work.groups[index];
  // While a stream is on its way to this node, what its snapshot tells has to do.
  if (work.streams[group.stream].asking) {
    group.deferred = true;
    return {};
  }
  const auto room =
      pipeline.MakeRoom(4, work.streams[group.stream].state->payload_bytes / 2, group.stream);
  if (!room) return room;
  if (group.moment.group.pending > 0) AskOldestPending(pipeline, work, group);
  AskPendingAhead(pipeline, work, group);
  AskOldestUnread(pipeline, work, index);
  if (group.list_consumers) AskConsumers(pipeline, work, group);
  if (group.moment.group.consumers > settings_.max_consumers_per_group) {
    work.consumers_over_limit += group.moment.group.consumers;
  }
  return {};
}

void DetailPhase::AskOldestPending(Pipeline& pipeline, PollWork& work, GroupWork& group) {
  const std::string_view key = KeyOf(work, group);
  pipeline.Add(
      Request::kXpending, {"XPENDING", key, group.state->name->text(), "-", "+", "1"},
      CommandBatch::kKeepAll,
      OnParsed(work, Request::kXpending, key, ParseOldestPending, [&group](const auto& oldest) {
        group.pending_seen = true;
        group.oldest_pending = oldest;
      }));
}

// A busy group may have got some since the snapshot, more than these even.
void DetailPhase::AskPendingAhead(Pipeline& pipeline, PollWork& work, GroupWork& group) {
  constexpr std::size_t kMost = 100;
  if (!group.state->counters.MustAskWhatIsAhead(group.moment, group.rewound)) return;
  const EntryId position = group.moment.group.delivered;
  const auto from = Next(position);
  if (!from) {
    group.highest_pending = position;
    return;
  }
  const std::string_view key = KeyOf(work, group);
  pipeline.Add(
      Request::kXpending,
      {"XPENDING", key, group.state->name->text(), ToString(*from), "+", std::to_string(kMost)},
      CommandBatch::kKeepAll,
      OnParsed(work, Request::kXpending, key, ParsePendingRange,
               [&group, position](const EntryRange& ahead) {
                 if (ahead.count >= kMost) return;
                 group.highest_pending = ahead.count == 0 ? position : ahead.last;
               }));
}

void DetailPhase::AskOldestUnread(Pipeline& pipeline, PollWork& work, std::size_t index) {
  GroupWork& group = work.groups[index];
  if (!HasUnread(group.moment)) return;
  group.next_unread = KnownUnread(group);
  if (!group.next_unread) group.same_unread = FindTwin(work, index);
  if (group.next_unread || group.same_unread) return;
  const std::string_view key = KeyOf(work, group);
  const EntryId from = *Next(group.moment.group.delivered);
  pipeline.Add(Request::kXrange,
               {"XRANGE", key, ToString(from), ToString(*group.moment.stream.last), "COUNT", "1"},
               kXrangeDepth,
               OnParsed(work, Request::kXrange, key, ParseRange, [&group](const EntryRange& range) {
                 if (range.count > 0) group.next_unread = range.first;
               }));
}

void DetailPhase::ShareUnread(PollWork& work) {
  for (GroupWork& group : work.groups) {
    if (group.same_unread) group.next_unread = work.groups[*group.same_unread].next_unread;
    if (group.next_unread) group.state->oldest_unread.Learn(group.moment, *group.next_unread);
  }
}

void DetailPhase::AskConsumers(Pipeline& pipeline, PollWork& work, GroupWork& group) {
  const std::string_view key = KeyOf(work, group);
  pipeline.Add(Request::kXinfoConsumers, {"XINFO", "CONSUMERS", key, group.state->name->text()},
               CommandBatch::kKeepAll, [this, &work, &group, key](const Reply& reply) {
                 if (reply.IsError()) {
                   work.errors.Note(reply.text(), Request::kXinfoConsumers, key);
                 } else {
                   TakeConsumers(reply, work, group);
                 }
               });
}

// Every consumer has to connect to a new primary and asks it at once. One that has not after a
// while makes no attempts, and what the server says is the truth about it.
bool DetailPhase::KnowsLastAttempt(std::uint64_t idle_ms, WallTime now) const {
  if (!settings_.in_charge_since) return true;
  const auto in_charge =
      std::chrono::duration_cast<Duration>(now - *settings_.in_charge_since).count();
  return in_charge >= kConsumersBackAfter.count() ||
         static_cast<std::int64_t>(std::min(idle_ms, kLongestIdleMs)) <= in_charge;
}

void DetailPhase::TakeConsumers(const Reply& reply, PollWork& work, GroupWork& group) {
  const auto consumers = ParseConsumers(reply);
  if (!consumers) return work.errors.Note(Error(consumers.error()).In(KeyOf(work, group)));
  const auto seconds = [](std::uint64_t ms) { return static_cast<double>(ms) / 1000; };
  ConsumerList& list = group.state->list.emplace();
  list.at = *work.time;
  list.members = group.moment.group.consumers;
  // The group may have grown since its snapshot.
  const std::size_t kept =
      std::min<std::size_t>(consumers->size(), settings_.max_consumers_per_group);
  work.consumers_over_limit += consumers->size() - kept;
  list.whole = kept == consumers->size();
  list.consumers.reserve(kept);
  for (const ConsumerFacts& facts : std::span(*consumers).first(kept)) {
    if (facts.name.size() > kLongestName) {
      ++work.consumers_over_limit;
      list.whole = false;
      continue;
    }
    ConsumerReading& consumer = list.consumers.emplace_back();
    consumer.name = consumer_names_.Intern(facts.name);
    consumer.pending = facts.pending;
    if (facts.idle_ms && KnowsLastAttempt(*facts.idle_ms, *work.time)) {
      consumer.idle_seconds = seconds(*facts.idle_ms);
    }
    if (!facts.inactive_ms) continue;
    consumer.never_read = !*facts.inactive_ms;
    if (*facts.inactive_ms) consumer.inactive_seconds = seconds(**facts.inactive_ms);
  }
}

Result<void> DetailPhase::AskTrimmedPending(Pipeline& pipeline, PollWork& work) {
  std::vector<GroupWork*> waiting;
  for (GroupWork& group : work.groups) {
    if (MustCountTrimmed(group)) waiting.push_back(&group);
  }
  const std::size_t asked = std::min(waiting.size(), kTrimmedCountsPerPoll);
  for (std::size_t i = 0; i < asked; ++i) {
    GroupWork& group = *waiting[(work.number * kTrimmedCountsPerPoll + i) % waiting.size()];
    const std::string_view key = KeyOf(work, group);
    const auto room = pipeline.MakeRoom(1, 0, group.stream);
    if (!room) return room;
    pipeline.Add(
        Request::kXpending,
        {"XPENDING", key, group.state->name->text(), "-",
         ToString(*Previous(*group.moment.stream.first)), std::to_string(kTrimmedRows)},
        CommandBatch::kKeepAll,
        OnParsed(work, Request::kXpending, key, ParseRange, [&group](const EntryRange& rows) {
          const bool all = rows.count < kTrimmedRows;
          if (all) group.pending_trimmed = rows.count;
        }));
  }
  return pipeline.Flush();
}

Result<void> DetailPhase::AskMemory(Pipeline& pipeline, PollWork& work) {
  for (StreamWork& stream : work.streams) {
    if (!stream.facts || stream.asking) continue;
    stream.deferred = IsOver(work.limits.everything);
    if (stream.deferred) continue;
    const auto room = pipeline.MakeRoom(1);
    if (!room) return room;
    const std::string_view key = stream.state->name->text();
    pipeline.Add(Request::kMemoryUsage, {"MEMORY", "USAGE", key}, CommandBatch::kKeepAll,
                 [&work, &stream, key](const Reply& reply) {
                   if (reply.IsError()) {
                     work.errors.Note(reply.text(), Request::kMemoryUsage, key);
                   } else {
                     stream.memory_bytes = reply.count();
                   }
                 });
  }
  return {};
}

}  // namespace streamgauge
