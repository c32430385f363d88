#include "kafka/reading_builder.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "kafka/explanation.h"
#include "kafka/lag_rules.h"

namespace streamgauge::kafka {
namespace {

// A sum that is known only while every part of it is.
template <typename T>
class CompleteSum {
 public:
  void Add(std::optional<T> part) {
    if (part) sum_ += *part;
    complete_ = complete_ && part.has_value();
  }
  std::optional<T> value() const { return complete_ ? std::optional<T>(sum_) : std::nullopt; }

 private:
  T sum_{};
  bool complete_ = true;
};

// The highest, known only while every part of it is.
class CompleteMax {
 public:
  void Add(std::optional<double> part) {
    if (part) max_ = std::max(max_, *part);
    complete_ = complete_ && part.has_value();
  }
  std::optional<double> value() const { return complete_ ? std::optional(max_) : std::nullopt; }

 private:
  double max_ = 0;
  bool complete_ = true;
};

PartitionReading ReadPartition(std::int32_t number, const TrackedPartition& partition,
                               bool described_lately, const ReadingMoment& moment) {
  PartitionReading reading;
  reading.partition = number;
  if (described_lately) {
    reading.leader = partition.leader;
    reading.replicas = partition.replicas;
    reading.in_sync_replicas = partition.in_sync_replicas;
  }
  if (partition.Presentable(moment.steady, moment.stale_after)) {
    reading.start_offset = partition.start;
    reading.end_offset = partition.end;
    reading.stable_offset = partition.stable;
  }
  return reading;
}

void ReadSettings(const TopicSettings& settings, StreamReading& stream) {
  stream.compacted = settings.compacts;
  // Compaction removes too, whatever the limits.
  stream.retention_unlimited = settings.deletes && !settings.compacts &&
                               settings.retention_ms == -1 && settings.retention_bytes == -1;
  if (!settings.deletes || !settings.retention_ms) return;
  stream.retention_seconds = *settings.retention_ms < 0
                                 ? std::numeric_limits<double>::infinity()
                                 : static_cast<double>(*settings.retention_ms) / 1000.0;
}

StreamReading ReadTopic(const TrackedTopic& topic, const ReadingMoment& moment) {
  StreamReading stream;
  stream.name = topic.name;
  stream.incarnation = topic.incarnation();
  const bool described_lately = moment.steady - topic.described_at <= moment.stale_after;
  if (described_lately) stream.partition_count = topic.partitions.size();
  stream.partitions.reserve(topic.partitions.size());
  CompleteSum<std::uint64_t> length;
  bool all_fresh = true;
  std::uint64_t appended = topic.appended_before;
  std::uint64_t removed = topic.removed_before;
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const TrackedPartition& partition = topic.partitions[i];
    stream.partitions.push_back(
        ReadPartition(static_cast<std::int32_t>(i), partition, described_lately, moment));
    length.Add(partition.Presentable(moment.steady, moment.stale_after)
                   ? std::optional(static_cast<std::uint64_t>(*partition.end - *partition.start))
                   : std::nullopt);
    all_fresh = all_fresh && (partition.fresh || topic.rests);
    appended += partition.appended.total();
    removed += partition.removed.total();
  }
  stream.length = length.value();
  // A sum that stands still because a leader is silent would look like a topic that does.
  if (all_fresh) {
    stream.appended_total = appended;
    stream.removed_total = removed;
    stream.trimmed_total = removed;
  }
  if (topic.settings) ReadSettings(*topic.settings, stream);
  return stream;
}

// What all partitions of one group on one topic come to.
struct GroupSums {
  CompleteSum<std::uint64_t> lag;
  CompleteMax lag_seconds;
  CompleteSum<std::uint64_t> position;
  std::optional<std::uint64_t> headroom;
  bool headroom_known = true;
  std::optional<std::uint64_t> delivered = 0;  // absent: not known of one of them
  std::uint64_t lost = 0;
  std::uint32_t partitions = 0;
  std::uint32_t read = 0;
  std::uint32_t assigned = 0;
  std::uint32_t uncommitted = 0;
  bool rewound = false;
  SteadyTime moved_at{};
  Trace* trace = nullptr;
};

// A member has the partition and nothing is committed: where it will start is not known to us. If
// nothing is there to be read it does not matter.
void AddUncommitted(std::size_t number, const TrackedPartition* theirs, bool presentable,
                    GroupSums& sums) {
  ++sums.uncommitted;
  const bool nothing_there = presentable && theirs->start == theirs->end;
  TellPartition(sums.trace, number, "a member has it and nothing is committed: {}",
                nothing_there ? "0, it is empty" : "no sum, where it will start is unknown");
  sums.lag.Add(nothing_there ? std::optional<std::uint64_t>(0) : std::nullopt);
  sums.lag_seconds.Add(nothing_there ? std::optional<double>(0) : std::nullopt);
}

// Whether the partition is the group's is not known, nor hence where it will start there.
void AddPerhapsAssigned(std::size_t number, const TrackedPartition* theirs, bool presentable,
                        GroupSums& sums) {
  if (presentable && theirs->start == theirs->end) return;
  TellPartition(sums.trace, number,
                "nothing is committed, and members are not known: no sum, it may be the group's");
  sums.lag.Add(std::nullopt);
  sums.lag_seconds.Add(std::nullopt);
  sums.headroom_known = false;
}

// What is committed on the partition could not be read, for longer than a last value counts.
void AddUnknown(std::size_t number, GroupSums& sums) {
  TellPartition(sums.trace, number, "committed offsets were not read for too long: no sum");
  sums.lag.Add(std::nullopt);
  sums.lag_seconds.Add(std::nullopt);
  sums.position.Add(std::nullopt);
  sums.headroom_known = false;
}

void AddCommitted(const TrackedGroupPartition& mine, const TrackedPartition* theirs,
                  bool presentable, const ReadingMoment& moment, GroupReading& group,
                  GroupSums& sums) {
  const bool lag_known = mine.lag && moment.steady - mine.lag_at <= moment.stale_after;
  GroupPartitionReading& reading = group.partitions.back();
  reading.committed_offset = mine.commit.committed();
  if (lag_known) {
    reading.lag = static_cast<std::int64_t>(*mine.lag);
    reading.lag_seconds = *mine.lag == 0 ? std::optional<double>(0) : mine.lag_seconds;
  }
  sums.lag.Add(lag_known ? mine.lag : std::nullopt);
  sums.lag_seconds.Add(reading.lag_seconds);
  sums.position.Add(static_cast<std::uint64_t>(*mine.commit.committed()));
  sums.rewound = sums.rewound || mine.commit.Rewound(moment.steady);
  sums.moved_at = std::max(sums.moved_at, mine.commit.moved_at());
  if (!lag_known || !presentable || !mine.commit.trusted()) {
    sums.headroom_known = false;
    return;
  }
  const auto headroom = HeadroomOf(*mine.commit.trusted(), *theirs->start, *theirs->end);
  if (headroom) sums.headroom = std::min(sums.headroom.value_or(*headroom), *headroom);
}

// What is known of the group as a whole.
struct GroupKnowledge {
  bool read = false;        // its offsets, in this poll
  bool committed = false;   // the same, or not too long ago
  bool assignment = false;  // see TrackedGroup::AssignmentKnown
};

void AddPartitions(const TrackedGroupTopic& on, const GroupKnowledge& known,
                   const ReadingMoment& moment, GroupReading& group, GroupSums& sums) {
  const TrackedGroupPartition nothing;
  const std::size_t count = std::max(on.partitions.size(), on.topic->partitions.size());
  for (std::size_t i = 0; i < count; ++i) {
    const TrackedGroupPartition& mine = i < on.partitions.size() ? on.partitions[i] : nothing;
    const auto delivered = mine.commit.delivered();
    if (!delivered) sums.delivered.reset();
    if (sums.delivered) *sums.delivered += *delivered;
    sums.lost += mine.lost;
    const TrackedPartition* theirs =
        i < on.topic->partitions.size() ? &on.topic->partitions[i] : nullptr;
    const bool presentable =
        theirs != nullptr && theirs->Presentable(moment.steady, moment.stale_after);
    if (!mine.Belongs()) {
      if (!known.assignment) AddPerhapsAssigned(i, theirs, presentable, sums);
      continue;
    }
    ++sums.partitions;
    if (mine.assigned) ++sums.assigned;
    if (known.read && theirs != nullptr && theirs->fresh) ++sums.read;
    if (mine.commit.committed() && known.committed) {
      group.partitions.push_back({.partition = static_cast<std::int32_t>(i)});
      AddCommitted(mine, theirs, presentable, moment, group, sums);
    } else if (!mine.commit.committed() && known.read) {
      AddUncommitted(i, theirs, presentable, sums);
    } else {
      AddUnknown(i, sums);
    }
  }
}

std::optional<std::uint32_t> MembersOn(const TrackedGroup& group, const TrackedGroupTopic& on) {
  if (group.HasNoMembers()) return 0;
  if (!group.members) return std::nullopt;
  // During a rebalance nobody has anything.
  if (group.members->state != MembersState::kStable) return group.members->count;
  return on.members;
}

TopicHold HoldOf(const TrackedGroup& group, const TrackedGroupTopic& on, const GroupSums& sums,
                 SteadyTime now) {
  TopicHold hold;
  hold.stable = group.state == MembersState::kStable && group.members &&
                group.members->state == MembersState::kStable;
  hold.members = group.members ? group.members->count : 0;
  hold.assigned = sums.assigned;
  hold.uncommitted_for = now - std::max(sums.moved_at, on.first_seen);
  return hold;
}

void TellSums(const GroupSums& sums, const TrackedGroup& group, const TrackedGroupTopic& on,
              const GroupReading& reading) {
  Trace* trace = sums.trace;
  TellInput(trace, "state of the group", ToString(group.state));
  TellInput(trace, "its commits are followed", group.rebalances.has_value());
  TellInput(trace, "partitions of the group", sums.partitions);
  TellInput(trace, "of them read in this poll", sums.read);
  TellInput(trace, "of them a member has", sums.assigned);
  TellInput(trace, "members", reading.members);
  TellInput(trace, "settings of the topic known", on.topic->settings.has_value());
  TellFigure(trace, "lag", reading.lag);
  TellFigure(trace, "lag_seconds (the highest)", reading.lag_seconds);
  TellFigure(trace, "headroom_messages (the lowest)", reading.headroom_messages);
  TellFigure(trace, "completeness", reading.completeness);
  TellFigure(trace, "delivered_total", reading.delivered_total);
  TellFigure(trace, "lost_total", reading.lost_total);
}

GroupReading ReadGroup(const TrackedGroup& group, const TrackedGroupTopic& on,
                       const ReadingMoment& moment, std::uint64_t& uncommitted, Trace* trace) {
  GroupReading reading;
  reading.name = group.name;
  reading.incarnation = on.incarnation();
  reading.partitions.reserve(on.partitions.size());
  GroupSums sums;
  sums.trace = trace;
  TellSection(trace, "sums over the partitions");
  const GroupKnowledge known{group.read, moment.steady - group.last_read <= moment.stale_after,
                             group.AssignmentKnown()};
  AddPartitions(on, known, moment, reading, sums);
  uncommitted += sums.uncommitted;

  reading.lag = sums.lag.value();
  if (reading.lag) reading.lag_source = LagSource::kExact;
  if (reading.lag) reading.lag_seconds = sums.lag_seconds.value();
  if (sums.headroom_known && sums.uncommitted == 0) reading.headroom_messages = sums.headroom;
  if (const auto position = sums.position.value()) reading.position = Position{*position, 0};
  // Sums that stand still because a coordinator is silent would look like a group that does.
  if (reading.position && group.read && on.topic->confirmed) {
    reading.delivered_total = sums.delivered;
    reading.acknowledged_total = sums.delivered;
  }
  if (group.rebalances) {
    reading.rebalances_total = group.rebalances;
    reading.commits_total = on.commits.total();
    reading.last_commit = on.last_commit;
  }
  const bool loss_knowable = on.topic->settings && !on.topic->settings->compacts;
  if (reading.position && loss_knowable) reading.lost_total = sums.lost;
  reading.rewound = sums.rewound;
  reading.completeness = static_cast<double>(sums.read) / std::max(1U, sums.partitions);
  reading.members = MembersOn(group, on);
  reading.members_state = group.state;
  reading.abandoned = IsAbandoned(HoldOf(group, on, sums, moment.steady));
  if (trace != nullptr) TellSums(sums, group, on, reading);
  return reading;
}

struct GroupOnTopic {
  std::uint32_t stream;
  const TrackedGroup* group;
  const TrackedGroupTopic* on;
};

}  // namespace

Reading BuildReading(const TrackedTopics& topics, const TrackedGroups& groups,
                     const ReadingMoment& moment, const TracedGroup* traced) {
  Reading reading;
  reading.time = moment.wall;
  std::unordered_map<const TrackedTopic*, std::uint32_t> index;
  index.reserve(topics.size());
  reading.streams.reserve(topics.size());
  for (const auto& [name, topic] : topics) {
    if (!topic->described || topic->missing_since) continue;
    index.emplace(topic.get(), static_cast<std::uint32_t>(reading.streams.size()));
    reading.streams.push_back(ReadTopic(*topic, moment));
  }
  std::vector<GroupOnTopic> order;
  for (const auto& [name, group] : groups) {
    if (group.away) continue;
    for (const TrackedGroupTopic& on : group.topics) {
      const auto stream = index.find(on.topic);
      if (stream != index.end() && !on.Empty()) order.push_back({stream->second, &group, &on});
    }
  }
  std::stable_sort(order.begin(), order.end(), [](const GroupOnTopic& a, const GroupOnTopic& b) {
    return a.stream < b.stream;
  });
  reading.groups.reserve(order.size());
  std::uint64_t uncommitted = 0;
  for (const GroupOnTopic& one : order) {
    Trace* trace = TraceOf(traced, one.on->topic->name->text(), one.group->name->text());
    reading.groups.push_back(ReadGroup(*one.group, *one.on, moment, uncommitted, trace));
    reading.groups.back().stream = one.stream;
  }
  if (uncommitted > 0) {
    reading.skipped.push_back({"uncommitted_partition", "uncommitted", uncommitted});
  }
  return reading;
}

void CountGroups(Reading& reading) {
  for (StreamReading& stream : reading.streams) stream.group_count = 0;
  for (const GroupReading& group : reading.groups) ++*reading.streams[group.stream].group_count;
}

}  // namespace streamgauge::kafka
