// One group over many polls: its committed offsets and what follows from them beside the topics'
// offsets. Pure: `now` is passed in. Owned by the source and used by its thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/committed_offset_track.h"
#include "kafka/committed_offsets.h"
#include "kafka/observation.h"
#include "kafka/partition_bound.h"
#include "kafka/tracked_topic.h"
#include "model/name.h"
#include "model/rise_counter.h"
#include "model/time.h"
#include "model/trace.h"

namespace streamgauge::kafka {

struct TrackedGroupPartition {
  CommittedOffsetTrack commit;
  // As last told. It counts once it is certain of which topic it is.
  std::optional<Offset> told;
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
  // Of commits that were seen as they happened.
  RiseCounter commits;
  std::optional<WallTime> last_commit;

  // Another one after the topic's re-creation, and when the sums begin anew.
  std::uint64_t incarnation() const;
  TrackedGroupPartition& At(std::int32_t partition);
  // No partition is the group's.
  bool Empty() const;
  // Nor will one be once the topic is certain.
  bool Done() const;
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
  std::optional<std::int32_t> last_coordinator;  // that listed it
  std::optional<SteadyTime> taken_over_at;       // by that one from another
  bool listed = true;                            // in this poll
  bool gone = false;    // not listed, and its coordinator knows nothing of it
  bool denied = false;  // not listed, and may not be read
  // Out of sight for so long that nothing is shown of it. What was counted so far is kept: should
  // it be back, its totals go on.
  bool away = false;
  bool read = false;  // its committed offsets are known as of this poll
  SteadyTime last_read{};
  bool has_committed = false;               // anything, on whatever topic; as last told
  bool needs_offsets = true;                // what it was told is not all here
  std::optional<std::uint64_t> rebalances;  // seen; absent: nobody follows its records now
  bool members_changed = false;             // since the last description
  std::optional<DescribedMembers> members;
  SteadyTime described_at{};
  MembersState described_in_state = MembersState::kUnknown;  // the listed one at that time
  std::vector<TrackedGroupTopic> topics;

  bool HasNoMembers() const;
  // It is known which partitions are the members'. During a rebalance nobody has any, and it is not
  // known who will.
  bool AssignmentKnown() const;

  void BeginPoll();
  void GoAway();
  void TakeFollowed(const FollowedGroup& followed);
  TrackedGroupTopic& On(TrackedTopic& topic, SteadyTime now);
  // Forgets a topic that is gone.
  void Drop(const TrackedTopic& topic);

  // The group's committed offsets as they are now; partitions that are not in `offsets` have none.
  // `resolve` gives the topic that is watched under a name, or null.
  template <typename Resolve>
  void TakeCommitted(const GroupOffsets& offsets, SteadyTime now, Resolve resolve);
  // They are what they were.
  void TakeUnchanged(SteadyTime now) { NoteRead(now); }
  // Something that was committed is not there any more, or is at an earlier place.
  bool GoesBack(const GroupOffsets& offsets) const;
  template <typename Resolve>
  void TakeDescription(const GroupDescription& description, SteadyTime now, Resolve resolve);

  // Puts the two sides together once all offsets of the poll are in.
  void Settle(SteadyTime now, const TracedGroup* traced = nullptr);

 private:
  void ClearAssignment();
  void NoteRead(SteadyTime now);  // what it has committed is known as of now

  // What follows its records counts from 0 when it has lost sight of it.
  std::uint64_t rebalances_told_ = 0;
  std::uint64_t rebalances_before_ = 0;
  std::size_t last_on_ = 0;  // where On found the last topic: the next one is not far
};

// By name.
using TrackedGroups = std::map<std::string, TrackedGroup, std::less<>>;

// Members have to be asked for: never described, another state, or their records have changed.
bool NeedsDescription(const TrackedGroup& group);

template <typename Resolve>
void TrackedGroup::TakeCommitted(const GroupOffsets& offsets, SteadyTime now, Resolve resolve) {
  NoteRead(now);
  needs_offsets = false;
  has_committed = !offsets.empty();
  for (TrackedGroupTopic& on : topics) {
    for (TrackedGroupPartition& partition : on.partitions) partition.told.reset();
  }
  for (const TopicOffsets& of_topic : offsets) {
    TrackedTopic* topic = resolve(of_topic.topic);
    if (topic == nullptr) continue;
    TrackedGroupTopic& on = On(*topic, now);
    if (of_topic.commits) on.commits.Observe(*of_topic.commits);
    on.last_commit = of_topic.last_commit;
    for (const PartitionOffset& one : of_topic.partitions) {
      if (one.offset >= 0 && IsPartitionNumber(one.partition))
        on.At(one.partition).told = one.offset;
    }
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
      on.At(partition).assigned = true;
    }
  }
  members = DescribedMembers{description.state, description.members};
  described_at = now;
  described_in_state = state;
  members_changed = false;
}

}  // namespace streamgauge::kafka
