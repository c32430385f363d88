#include "redis/detail_phase.h"

#include <algorithm>
#include <string>

namespace streamgauge {
namespace {

// Consumers of this many groups are listed in one poll; with more groups they take turns, so that
// the lists cost the server a bounded time.
constexpr std::size_t kConsumerListsPerPoll = 2000;
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

}  // namespace

Result<void> DetailPhase::Run(Pipeline& pipeline, PollWork& work) {
  for (std::size_t i = 0; i < work.groups.size(); ++i) {
    const auto asked = AskGroup(pipeline, work, i);
    if (!asked) return asked;
  }
  if (settings_.stream_bytes) {
    const auto asked = AskMemory(pipeline, work);
    if (!asked) return asked;
  }
  const auto answered = pipeline.Flush();
  if (!answered) return answered;
  for (GroupWork& group : work.groups) DeduceTrimmedPending(group);
  return AskTrimmedPending(pipeline, work);
}

Result<void> DetailPhase::AskGroup(Pipeline& pipeline, PollWork& work, std::size_t index) {
  GroupWork& group = work.groups[index];
  const auto room = pipeline.MakeRoom(3);
  if (!room) return room;
  if (group.moment.group.pending > 0) AskOldestPending(pipeline, work, group);
  AskOldestUnread(pipeline, work, group);
  if (group.moment.group.consumers == 0) {
    group.consumers_listed = true;
  } else if (group.moment.group.consumers > settings_.max_consumers_per_group) {
    work.consumers_over_limit += group.moment.group.consumers;
  } else {
    const std::size_t turns = 1 + (work.groups.size() - 1) / kConsumerListsPerPoll;
    // At the first poll everybody has a turn.
    if (work.number == 1 || (index + work.number) % turns == 0) AskConsumers(pipeline, work, group);
  }
  return {};
}

void DetailPhase::AskOldestPending(Pipeline& pipeline, PollWork& work, GroupWork& group) {
  const std::string_view key = KeyOf(work, group);
  pipeline.Add(Request::kXpending, {"XPENDING", key, group.state->name->text(), "-", "+", "1"},
               CommandBatch::kKeepAll,
               OnParsed(work, Request::kXpending, key, ParseOldestPending,
                        [&group](const auto& oldest) { group.oldest_pending = oldest; }));
}

void DetailPhase::AskOldestUnread(Pipeline& pipeline, PollWork& work, GroupWork& group) {
  const StreamFacts& stream = group.moment.stream;
  const EntryId delivered = group.moment.group.delivered;
  if (!stream.first || !stream.last || delivered >= *stream.last) return;
  if (delivered < *stream.first) {
    group.next_unread = stream.first;
    return;
  }
  group.next_unread = group.state->oldest_unread.Recall(group.moment);
  if (group.next_unread) return;
  const std::string_view key = KeyOf(work, group);
  pipeline.Add(Request::kXrange,
               {"XRANGE", key, ToString(*Next(delivered)), ToString(*stream.last), "COUNT", "1"},
               kXrangeDepth,
               OnParsed(work, Request::kXrange, key, ParseRange, [&group](const EntryRange& range) {
                 if (range.count == 0) return;
                 group.next_unread = range.first;
                 group.state->oldest_unread.Learn(group.moment, range.first);
               }));
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

void DetailPhase::TakeConsumers(const Reply& reply, PollWork& work, GroupWork& group) {
  const auto consumers = ParseConsumers(reply);
  if (!consumers) return work.errors.Note(Error(consumers.error()).In(KeyOf(work, group)));
  const auto seconds = [](std::uint64_t ms) { return static_cast<double>(ms) / 1000; };
  for (const ConsumerFacts& facts : *consumers) {
    // The group may have grown since its snapshot.
    if (group.consumers.size() >= settings_.max_consumers_per_group) {
      ++work.consumers_over_limit;
      continue;
    }
    ConsumerReading& consumer = group.consumers.emplace_back();
    consumer.name = consumer_names_.Intern(facts.name);
    consumer.pending = facts.pending;
    if (facts.idle_ms) consumer.idle_seconds = seconds(*facts.idle_ms);
    if (!facts.inactive_ms) continue;
    consumer.never_read = !*facts.inactive_ms;
    if (*facts.inactive_ms) consumer.inactive_seconds = seconds(**facts.inactive_ms);
  }
  group.consumers_listed = group.consumers.size() == consumers->size();
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
    const auto room = pipeline.MakeRoom(1);
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
    if (!stream.facts) continue;
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
