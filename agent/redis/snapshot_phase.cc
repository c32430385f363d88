#include "redis/snapshot_phase.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "redis/name_limit.h"
#include "redis/reply_error.h"

namespace streamgauge {
namespace {

// XINFO STREAM carries the first and the last payload. This many bytes a poll and stream are spent
// on them; a stream that takes more is looked at in whole correspondingly less often.
constexpr std::uint64_t kPayloadBytesPerPoll = std::uint64_t{256} << 10;
constexpr std::uint64_t kMostLightPolls = 29;

// A server that is out of memory keeps nothing for EXEC, not even what only reads (Redis'
// processCommand), though it answers when it is asked at once.
bool RefusesToQueue(std::string_view server_text) { return server_text.starts_with("OOM"); }

// What was seen of a stream without MULTI, so far.
struct UnqueuedSnapshot {
  struct Group {
    std::string name;
    GroupFacts facts;
    operator NamedGroup() const { return {name, facts}; }
  };
  std::optional<StreamFacts> stream;
  std::vector<Group> groups;
};

void Refuse(const Error& error, PollWork& work, std::uint32_t stream) {
  StreamWork& about = work.streams[stream];
  about.error = Error(error).In(about.state->name->text());
  work.errors.Note(*about.error);
}

bool IsPointless(const PollWork& work) {
  return work.errors.whole_server() || work.primary == false;
}

}  // namespace

Result<void> SnapshotPhase::Run(Pipeline& pipeline, PollWork& work) {
  AskServer(pipeline, work, work.counts.before);
  const auto asked = AskStreams(pipeline, work);
  if (!asked || IsPointless(work)) return asked;
  auto ended = AskEnd(pipeline, work);
  if (ended && std::ranges::any_of(work.streams, &StreamWork::not_queued)) {
    const auto again = AskNotQueued(pipeline, work);
    ended = again ? AskEnd(pipeline, work) : again;
  }
  std::ranges::stable_sort(work.groups, {}, &GroupWork::stream);
  return ended;
}

Result<void> SnapshotPhase::AskEnd(Pipeline& pipeline, PollWork& work) {
  const auto room = pipeline.MakeRoom(2);
  if (!room) return room;
  // The time comes last: no entry that was seen is younger.
  AskServer(pipeline, work, work.counts.after);
  pipeline.Add(Request::kTime, {"TIME"}, CommandBatch::kKeepAll, [&work](const Reply& reply) {
    if (reply.IsError()) {
      work.time_error = work.errors.Note(reply.text(), Request::kTime, "");
    } else if (const auto time = ParseTime(reply)) {
      work.time = *time;
    } else {
      work.time_error = time.error();
    }
  });
  return pipeline.Flush();
}

Result<void> SnapshotPhase::AskStreams(Pipeline& pipeline, PollWork& work) {
  const auto count = static_cast<std::uint32_t>(work.streams.size());
  const std::uint32_t first = count == 0 ? 0 : work.turns.snapshots % count;
  std::uint32_t asked = 0;
  for (; asked < count && !IsOver(work.limits.snapshots); ++asked) {
    const std::uint32_t stream = (first + asked) % count;
    StreamWork& about = work.streams[stream];
    if (about.state->left_out_polls > 0) {
      --about.state->left_out_polls;
      about.left_out = true;
      continue;
    }
    const bool light = about.state->light_polls > 0;
    const auto room =
        pipeline.MakeRoom(about.asking ? 5 : 4, light ? 0 : about.state->payload_bytes, stream);
    if (!room) return room;
    if (IsPointless(work)) return {};
    AskStream(pipeline, work, stream);
  }
  work.turns.snapshots = asked == count ? 0 : (first + asked) % count;
  for (; asked < count; ++asked) work.streams[(first + asked) % count].deferred = true;
  return {};
}

// A primary that is demoted while it is asked shows itself the second time.
void SnapshotPhase::AskServer(Pipeline& pipeline, PollWork& work,
                              std::optional<CommandCounts>& counts) {
  const auto take = [this, &work, &counts](const Reply& reply) {
    if (reply.IsError()) {
      work.errors.Note(reply.text(), Request::kInfo, "");
      return;
    }
    const auto replica = IsReplica(reply.text());
    if (replica && work.primary != false) work.primary = !*replica;
    if (replica == true) work.replica_of = DescribeReplica(reply.text());
    if (settings_.command_counts) counts = ParseCommandCounts(reply.text());
  };
  if (settings_.command_counts) {
    pipeline.Add(Request::kInfo, {"INFO", "replication", "commandstats"}, CommandBatch::kKeepAll,
                 take);
  } else {
    pipeline.Add(Request::kInfo, {"INFO", "replication"}, CommandBatch::kKeepAll, take);
  }
}

// Takes note of an error reply to a command of a stream's transaction. The first one tells the
// cause; what follows (EXECABORT) does not.
void SnapshotPhase::NoteError(const Reply& reply, Request request, PollWork& work,
                              std::uint32_t stream) const {
  StreamWork& about = work.streams[stream];
  if (!reply.IsError() || about.error || about.not_queued) return;
  const std::string_view key = about.state->name->text();
  if (settings_.redirected_from != nullptr) {
    about.redirect = ParseRedirect(reply.text(), *settings_.redirected_from);
  }
  if (about.redirect) {
    about.error = ToError(reply.text(), request, key);
  } else {
    about.error = work.errors.Note(reply.text(), request, key);
  }
}

void SnapshotPhase::AskStream(Pipeline& pipeline, PollWork& work, std::uint32_t stream) {
  StreamWork& about = work.streams[stream];
  const std::string_view key = about.state->name->text();
  about.light = about.state->light_polls > 0;
  if (about.light) --about.state->light_polls;

  const auto queue = [&](Request request, std::initializer_list<std::string_view> words) {
    pipeline.Add(request, words, CommandBatch::kKeepAll,
                 [this, &work, stream, request](const Reply& reply) {
                   if (reply.IsError() && RefusesToQueue(reply.text()))
                     work.streams[stream].not_queued = true;
                   NoteError(reply, request, work, stream);
                 });
  };
  if (about.asking) queue(Request::kAsking, {"ASKING"});  // it holds until EXEC
  queue(Request::kMulti, {"MULTI"});
  if (about.light) {
    queue(Request::kXlen, {"XLEN", key});
  } else {
    queue(Request::kXinfoStream, {"XINFO", "STREAM", key});
  }
  queue(Request::kXinfoGroups, {"XINFO", "GROUPS", key});
  pipeline.Add(Request::kExec, {"EXEC"}, kExecDepth, [this, &work, stream](const Reply& reply) {
    NoteError(reply, Request::kExec, work, stream);
    const StreamWork& asked = work.streams[stream];
    if (!asked.error && !asked.not_queued) TakeSnapshot(reply, work, stream);
  });
}

Result<void> SnapshotPhase::AskNotQueued(Pipeline& pipeline, PollWork& work) {
  for (std::uint32_t stream = 0; stream < work.streams.size(); ++stream) {
    StreamWork& about = work.streams[stream];
    if (!about.not_queued) continue;
    about.not_queued = false;
    const auto room =
        pipeline.MakeRoom(3, about.light ? 0 : 2 * about.state->payload_bytes, stream);
    if (!room) return room;
    AskUnqueued(pipeline, work, stream);
  }
  return {};
}

// Between two looks at the stream that are the same nothing was appended or removed, and the groups
// that were seen in between belong to it.
void SnapshotPhase::AskUnqueued(Pipeline& pipeline, PollWork& work, std::uint32_t stream) {
  const auto seen = std::make_shared<UnqueuedSnapshot>();
  AskFacts(pipeline, work, stream, [seen](const StreamFacts& facts) { seen->stream = facts; });
  pipeline.Add(Request::kXinfoGroups, {"XINFO", "GROUPS", work.streams[stream].state->name->text()},
               CommandBatch::kKeepAll, [this, seen, &work, stream](const Reply& reply) {
                 NoteError(reply, Request::kXinfoGroups, work, stream);
                 if (work.streams[stream].error) return;
                 const auto groups = ParseGroups(reply);
                 if (!groups) return Refuse(groups.error(), work, stream);
                 for (const NamedGroup& group : *groups) {
                   seen->groups.push_back({std::string(group.name), group.facts});
                 }
               });
  AskFacts(pipeline, work, stream, [this, seen, &work, stream](const StreamFacts& facts) {
    if (facts != seen->stream) {
      work.streams[stream].deferred = true;
      return;
    }
    const std::vector<NamedGroup> groups(seen->groups.begin(), seen->groups.end());
    Take(facts, groups, work, stream);
  });
}

void SnapshotPhase::AskFacts(Pipeline& pipeline, PollWork& work, std::uint32_t stream,
                             std::function<void(const StreamFacts&)> take) {
  const StreamWork& about = work.streams[stream];
  const std::string_view key = about.state->name->text();
  const Request request = about.light ? Request::kXlen : Request::kXinfoStream;
  const auto on_reply = [this, &work, stream, request, take = std::move(take)](const Reply& reply) {
    NoteError(reply, request, work, stream);
    if (work.streams[stream].error) return;
    if (const auto facts = FactsFrom(reply, work, stream)) take(*facts);
  };
  if (about.light) {
    pipeline.Add(request, {"XLEN", key}, CommandBatch::kKeepAll, on_reply);
  } else {
    pipeline.Add(request, {"XINFO", "STREAM", key}, kStreamDepth, on_reply);
  }
}

void SnapshotPhase::TakeSnapshot(const Reply& exec, PollWork& work, std::uint32_t stream) {
  StreamWork& about = work.streams[stream];
  const auto facts_reply = exec.At(0);
  const auto groups_reply = exec.At(1);
  if (!facts_reply || !groups_reply) {
    return Refuse({Reason::kBadReply, "EXEC without two replies"}, work, stream);
  }
  NoteError(*facts_reply, about.light ? Request::kXlen : Request::kXinfoStream, work, stream);
  NoteError(*groups_reply, Request::kXinfoGroups, work, stream);
  if (about.error) return;
  const auto facts = FactsFrom(*facts_reply, work, stream);
  if (!facts) return;
  const auto groups = ParseGroups(*groups_reply);
  if (!groups) return Refuse(groups.error(), work, stream);
  Take(*facts, *groups, work, stream);
}

// Empty when they make no sense, which is noted then.
std::optional<StreamFacts> SnapshotPhase::FactsFrom(const Reply& reply, PollWork& work,
                                                    std::uint32_t stream) {
  StreamWork& about = work.streams[stream];
  about.payload_bytes = reply.dropped_bytes();
  auto facts = TakeFacts(reply, about);
  if (facts) return *facts;
  Refuse(facts.error(), work, stream);
  return std::nullopt;
}

void SnapshotPhase::Take(const StreamFacts& facts, const std::vector<NamedGroup>& groups,
                         PollWork& work, std::uint32_t stream) {
  StreamWork& about = work.streams[stream];
  StreamState& state = *about.state;
  ReadFrom(state, settings_.server);
  const bool another = state.before && !about.light && IsAnotherStream(*state.before, facts);
  if (state.incarnation == 0 || state.gone || another) BeginAnew(state, next_incarnation_++);
  about.facts = facts;
  for (const NamedGroup& group : groups) TakeGroup(group, work, stream);
  if (!about.light) state.before = facts;
  state.gone = false;
  state.last_poll = work.number;
}

Result<StreamFacts> SnapshotPhase::TakeFacts(const Reply& reply, StreamWork& stream) {
  if (!stream.light) {
    NoteBudget(stream);
    stream.state->payload_bytes = stream.payload_bytes;
    return ParseStream(reply);
  }
  const auto length = reply.count();
  if (!length) return std::unexpected(Error{Reason::kBadReply, "XLEN is no number"});
  StreamFacts facts;
  facts.length = *length;
  return facts;
}

void SnapshotPhase::NoteBudget(StreamWork& stream) const {
  stream.state->light_polls = static_cast<std::uint32_t>(
      std::min(stream.payload_bytes / kPayloadBytesPerPoll, kMostLightPolls));
}

void SnapshotPhase::TakeGroup(const NamedGroup& group, PollWork& work, std::uint32_t stream) {
  if (!settings_.groups->Matches(group.name)) return;
  if (work.groups.size() >= settings_.max_groups || group.name.size() > kLongestName) {
    ++work.groups_over_limit;
    return;
  }
  StreamState& owner = *work.streams[stream].state;
  auto found = owner.groups.find(group.name);
  if (found == owner.groups.end()) {
    found = owner.groups.emplace(std::string(group.name), GroupState{}).first;
    found->second.name = group_names_.Intern(group.name);
  }
  GroupState& state = found->second;
  // It was not there at the last look at its stream: it is another group of the same name.
  const bool absent_before = state.last_poll != owner.last_poll;
  if (state.incarnation == 0 || absent_before) BeginAnew(state, next_incarnation_++);
  state.last_poll = work.number;

  GroupWork item;
  item.state = &state;
  item.stream = stream;
  item.moment.stream = *work.streams[stream].facts;
  item.moment.group = group.facts;
  item.rewound = state.rewind.Observe(group.facts.delivered, item.moment.stream);
  work.groups.push_back(std::move(item));
}

}  // namespace streamgauge
