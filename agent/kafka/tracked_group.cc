#include "kafka/tracked_group.h"

#include <algorithm>

#include "kafka/lag_rules.h"

namespace streamgauge::kafka {
namespace {

void TakeTold(TrackedGroupPartition& mine, const TrackedPartition* theirs, SteadyTime now) {
  if (!mine.told) return mine.commit.ObserveNone();
  const bool both_read = theirs != nullptr && theirs->fresh;
  mine.commit.Observe(*mine.told, both_read ? theirs->end : std::nullopt, now);
}

// `read`: the committed offset is known as of this poll.
void SettlePartition(TrackedGroupPartition& mine, const TrackedPartition& theirs, bool read,
                     bool compacts, SteadyTime now) {
  const std::optional<Offset> committed = mine.commit.committed();
  if (!committed) {
    mine.lag.reset();
    mine.polls_known = 0;
    return;
  }
  if (!read || !theirs.fresh) return;
  const std::optional<Offset> trusted = mine.commit.trusted();
  mine.lag = trusted ? LagOf(*trusted, *theirs.start, *theirs.end) : std::nullopt;
  mine.lag_at = now;
  // Records that went before the group was seen twice went before its time, for all we know.
  if (trusted && !compacts && mine.polls_known == 2) {
    mine.lost += LostIn(theirs.start_before, theirs.previous_start, mine.commit.furthest());
  }
  mine.polls_known = trusted ? std::min<std::uint8_t>(2, mine.polls_known + 1) : 0;
}

void ForgetFormerTopic(TrackedGroupPartition& mine, SteadyTime now) {
  mine.commit.TopicRecreated(now);
  mine.lag.reset();
  mine.polls_known = 0;
}

void SettleTopic(TrackedGroupTopic& on, bool read, SteadyTime now) {
  const bool compacts = !on.topic->settings || on.topic->settings->compacts;
  const bool recreated = on.recreations != on.topic->recreations;
  on.recreations = on.topic->recreations;
  for (std::size_t i = 0; i < on.partitions.size(); ++i) {
    TrackedGroupPartition& mine = on.partitions[i];
    // Absent: one that the topic has not (yet) got, as far as we know.
    const TrackedPartition* theirs =
        i < on.topic->partitions.size() ? &on.topic->partitions[i] : nullptr;
    // From a place in the former topic to one in this is no rise, and what was read now may be of
    // either.
    if (recreated) mine.commit.TopicRecreated(now);
    if (read) TakeTold(mine, theirs, now);
    if (recreated) ForgetFormerTopic(mine, now);
    if (theirs != nullptr) SettlePartition(mine, *theirs, read, compacts, now);
  }
}

}  // namespace

TrackedGroupPartition& TrackedGroupTopic::At(std::int32_t partition) {
  const auto index = static_cast<std::size_t>(partition);
  if (index >= partitions.size()) {
    partitions.resize(std::max(index + 1, topic->partitions.size()));
  }
  return partitions[index];
}

std::uint64_t TrackedGroupTopic::incarnation() const {
  return topic->incarnation() * 0x9E3779B97F4A7C15ULL ^ number;
}

bool TrackedGroupTopic::Empty() const {
  return std::none_of(partitions.begin(), partitions.end(),
                      [](const TrackedGroupPartition& p) { return p.Belongs(); });
}

bool TrackedGroupTopic::Done() const {
  return std::none_of(partitions.begin(), partitions.end(), [](const TrackedGroupPartition& p) {
    return p.Belongs() || p.told.has_value();
  });
}

bool TrackedGroup::HasNoMembers() const {
  return state == MembersState::kEmpty || state == MembersState::kDead;
}

bool TrackedGroup::AssignmentKnown() const {
  return HasNoMembers() || (members && members->state == MembersState::kStable);
}

void TrackedGroup::BeginPoll() {
  read = false;
  rebalances.reset();
}

void TrackedGroup::TakeUnchanged(SteadyTime now) {
  read = true;
  last_read = now;
}

TrackedGroupTopic& TrackedGroup::On(TrackedTopic& topic, SteadyTime now) {
  // Answers come in the same order poll after poll, and so do the topics here.
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const std::size_t at = (last_on_ + i) % topics.size();
    if (topics[at].topic != &topic) continue;
    last_on_ = at;
    return topics[at];
  }
  TrackedGroupTopic& on = topics.emplace_back();
  on.topic = &topic;
  on.first_seen = now;
  on.recreations = topic.recreations;
  on.number = ++topic.groups_seen;
  return on;
}

void TrackedGroup::Drop(const TrackedTopic& topic) {
  std::erase_if(topics, [&](const TrackedGroupTopic& on) { return on.topic == &topic; });
}

void TrackedGroup::ClearAssignment() {
  for (TrackedGroupTopic& on : topics) {
    on.members = 0;
    for (TrackedGroupPartition& partition : on.partitions) partition.assigned = false;
  }
}

void TrackedGroup::Settle(SteadyTime now) {
  // Nobody can have a partition of a group without members.
  if (HasNoMembers()) {
    ClearAssignment();
    members.reset();  // whoever comes next has to be asked for, in whatever state
  }
  for (TrackedGroupTopic& on : topics) {
    for (TrackedGroupPartition& partition : on.partitions) partition.lag_seconds.reset();
    // What was read may be of a topic that is gone, or of its successor.
    if (on.topic->confirmed) SettleTopic(on, read, now);
  }
  std::erase_if(topics, [&](const TrackedGroupTopic& on) { return on.Done(); });
}

bool NeedsDescription(const TrackedGroup& group) {
  if (group.HasNoMembers()) return false;
  return !group.members || group.described_in_state != group.state || group.members_changed;
}

}  // namespace streamgauge::kafka
