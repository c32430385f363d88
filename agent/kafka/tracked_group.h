// One group over many polls: its committed offsets and what follows from them beside the topics'
// offsets. Pure: `now` is passed in. Owned by the source and used by its thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/committed_offset_track.h"
#include "kafka/observation.h"
#include "kafka/partition_bound.h"
#include "kafka/tracked_topic.h"
#include "model/name.h"
#include "model/time.h"

namespace streamgauge::kafka {

struct TrackedGroupPartition {
  CommittedOffsetTrack commit;
  bool read = false;  // the commit, or that there is none, was read in this poll
  // What was read, while it is not certain of which topic.
  std::optional<Offset> staged;
  bool assigned = false;  // a member has it
  // The lag as of the last poll that read both sides. Sides of different polls never make one.
  std::optional<std::uint64_t> lag;
  SteadyTime lag_at{};
  std::optional<double> lag_seconds;  // of this poll
  std::uint64_t lost = 0;
  std::uint8_t polls_known = 0;  // in a row with a commit, up to 2

  // A group's partitions are those with a commit or with a member.
  bool Belongs() const { return commit.committed().has_value() || assigned; }
};

struct TrackedGroupTopic {
  TrackedTopic* topic = nullptr;                  // outlives this
  std::vector<TrackedGroupPartition> partitions;  // index: partition number
  std::optional<std::uint32_t> members;           // that have one of them, when described
  SteadyTime first_seen{};
  std::uint32_t recreations = 0;  // of the topic, as far as they have been taken in
  std::uint32_t number = 0;       // no other group on the topic has it, nor had this one before

  // Another one after the topic's re-creation, and when the sums begin anew.
  std::uint64_t incarnation() const;
  TrackedGroupPartition& At(std::int32_t partition);
  bool Empty() const;
};

// What a group's last description said of its members as a whole.
struct DescribedMembers {
  MembersState state = MembersState::kUnknown;
  std::uint32_t count = 0;
};

struct TrackedGroup {
  explicit TrackedGroup(NameRef group_name) : name(std::move(group_name)) {}

  NameRef name;
  MembersState state = MembersState::kUnknown;
  std::optional<std::int32_t> coordinator;
  bool listed = true;  // in this poll
  bool gone = false;   // not listed, and its coordinator knows nothing of it
  bool read = false;   // its committed offsets, in this poll
  SteadyTime last_read{};
  std::optional<DescribedMembers> members;
  SteadyTime described_at{};
  MembersState described_in_state = MembersState::kUnknown;  // the listed one at that time
  std::vector<TrackedGroupTopic> topics;

  bool HasNoMembers() const;
  // It is known which partitions are the members'. During a rebalance nobody has any, and it is not
  // known who will.
  bool AssignmentKnown() const;

  void BeginPoll();
  TrackedGroupTopic& On(TrackedTopic& topic, SteadyTime now);
  // Forgets a topic that is gone.
  void Drop(const TrackedTopic& topic);

  // The group's committed offsets as they are now; partitions that are not in `offsets` have none.
  // `resolve` gives the topic that is watched under a name, or null.
  template <typename Resolve>
  void TakeCommitted(const std::vector<CommittedOffset>& offsets, SteadyTime now, Resolve resolve);
  template <typename Resolve>
  void TakeDescription(const GroupDescription& description, SteadyTime now, Resolve resolve);

  // Puts the two sides together once all offsets of the poll are in.
  void Settle(SteadyTime now);

 private:
  void ClearAssignment();

  std::size_t last_on_ = 0;  // where On found the last topic: the next one is not far
};

// By name.
using TrackedGroups = std::map<std::string, TrackedGroup, std::less<>>;

// True when members have to be asked for: never described, another state, or longer ago than
// `pace`.
bool NeedsDescription(const TrackedGroup& group, SteadyTime now, SteadyTime::duration pace);

template <typename Resolve>
void TrackedGroup::TakeCommitted(const std::vector<CommittedOffset>& offsets, SteadyTime now,
                                 Resolve resolve) {
  read = true;
  last_read = now;
  TrackedGroupTopic* on = nullptr;
  const std::string* on_name = nullptr;
  for (const CommittedOffset& committed : offsets) {
    if (on_name == nullptr || *on_name != committed.topic) {
      on_name = &committed.topic;
      TrackedTopic* topic = resolve(committed.topic);
      on = topic == nullptr ? nullptr : &On(*topic, now);
    }
    if (on == nullptr || committed.offset < 0 || !IsPartitionNumber(committed.partition)) continue;
    TrackedGroupPartition& partition = on->At(committed.partition);
    partition.read = true;
    partition.staged = committed.offset;
  }
  for (TrackedGroupTopic& on_topic : topics) {
    for (TrackedGroupPartition& partition : on_topic.partitions) partition.read = true;
  }
}

template <typename Resolve>
void TrackedGroup::TakeDescription(const GroupDescription& description, SteadyTime now,
                                   Resolve resolve) {
  ClearAssignment();
  for (const TopicAssignment& assignment : description.topics) {
    TrackedTopic* topic = resolve(assignment.topic);
    if (topic == nullptr) continue;
    TrackedGroupTopic& on = On(*topic, now);
    on.members = assignment.members;
    for (const std::int32_t partition : assignment.partitions) {
      if (!IsPartitionNumber(partition)) continue;
      TrackedGroupPartition& mine = on.At(partition);
      mine.assigned = true;
      // All that is committed was read: on a partition that is new here nothing is.
      mine.read = mine.read || read;
    }
  }
  members = DescribedMembers{description.state, description.members};
  described_at = now;
  described_in_state = state;
}

}  // namespace streamgauge::kafka
