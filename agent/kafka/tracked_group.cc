#include "kafka/tracked_group.h"

#include <algorithm>
#include <map>

#include "kafka/explanation.h"
#include "kafka/lag_rules.h"

namespace streamgauge::kafka {
namespace {

void TakeTold(TrackedGroupPartition& mine, const TrackedPartition* theirs, SteadyTime now) {
  if (!mine.told) return mine.commit.ObserveNone();
  const bool both_read = theirs != nullptr && theirs->fresh;
  mine.commit.Observe(*mine.told, both_read ? theirs->end : std::nullopt, now);
}

// How a group's partitions are settled in one poll.
struct Settling {
  bool read = false;      // the committed offsets are known as of this poll
  bool compacts = false;  // the topic does
  SteadyTime now{};
  Trace* trace = nullptr;
};

void SettlePartition(TrackedGroupPartition& mine, const TrackedPartition& theirs,
                     const Settling& poll, std::size_t number) {
  const std::optional<Offset> committed = mine.commit.committed();
  if (!committed) {
    TellPartition(poll.trace, number, "nothing is committed{}",
                  mine.assigned ? ", and a member has it" : "");
    mine.lag.reset();
    mine.polls_known = 0;
    return;
  }
  if (!poll.read || !theirs.fresh) {
    TellPartition(poll.trace, number, "{} not read in this poll: the last lag stays for a while",
                  poll.read ? "start and end were" : "committed offsets were");
    return;
  }
  const std::optional<Offset> trusted = mine.commit.trusted();
  if (!trusted) {
    TellPartition(poll.trace, number, "no lag: committed {} is of a log that is gone", *committed);
  }
  mine.lag =
      trusted ? LagOf(*trusted, *theirs.start, *theirs.end, poll.trace, number) : std::nullopt;
  mine.lag_at = poll.now;
  mine.commit.TakeStart(*theirs.start);
  // Records that went before the group was seen twice went before its time, for all we know.
  if (trusted && !poll.compacts && mine.polls_known == 2) {
    mine.lost += LostIn(theirs.start_before, theirs.previous_start, mine.commit.furthest());
  }
  mine.polls_known = trusted ? std::min<std::uint8_t>(2, mine.polls_known + 1) : 0;
}

void ForgetFormerTopic(TrackedGroupPartition& mine, SteadyTime now) {
  mine.commit.TopicRecreated(now);
  mine.lag.reset();
  mine.polls_known = 0;
}

void SettleTopic(TrackedGroupTopic& on, bool read, SteadyTime now, Trace* trace) {
  const Settling poll{.read = read,
                      .compacts = !on.topic->settings || on.topic->settings->compacts,
                      .now = now,
                      .trace = trace};
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
    if (theirs != nullptr) SettlePartition(mine, *theirs, poll, i);
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

void TrackedGroup::GoAway() {
  away = true;
  // Whoever has what when it is back has to be asked for.
  ClearAssignment();
  members.reset();
  needs_offsets = true;
}

void TrackedGroup::TakeFollowed(const FollowedGroup& followed) {
  if (followed.rebalances < rebalances_told_) rebalances_before_ += rebalances_told_;
  rebalances_told_ = followed.rebalances;
  rebalances = rebalances_before_ + followed.rebalances;
  members_changed = members_changed || followed.members_changed;
}

void TrackedGroup::NoteRead(SteadyTime now) {
  read = true;
  away = false;
  last_read = now;
}

bool TrackedGroup::GoesBack(const GroupOffsets& offsets) const {
  for (const TrackedGroupTopic& on : topics) {
    const auto told = std::ranges::find(offsets, on.topic->name->text(), &TopicOffsets::topic);
    std::map<std::int32_t, Offset> places;
    if (told != offsets.end()) {
      for (const PartitionOffset& one : told->partitions) places[one.partition] = one.offset;
    }
    for (std::size_t i = 0; i < on.partitions.size(); ++i) {
      const std::optional<Offset> before = on.partitions[i].commit.committed();
      if (!before) continue;
      const auto now = places.find(static_cast<std::int32_t>(i));
      if (now == places.end() || now->second < *before) return true;
    }
  }
  return false;
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

void TrackedGroup::Settle(SteadyTime now, const TracedGroup* traced) {
  // Nobody can have a partition of a group without members.
  if (HasNoMembers() && members) {
    ClearAssignment();
    members.reset();  // whoever comes next has to be asked for, in whatever state
  }
  for (TrackedGroupTopic& on : topics) {
    for (TrackedGroupPartition& partition : on.partitions) partition.lag_seconds.reset();
    Trace* trace = TraceOf(traced, on.topic->name->text(), name->text());
    TellSection(trace, "committed offsets, and lag by partition");
    // What was read may be of a topic that is gone, or of its successor.
    if (Tried(trace, "the topic was described in this poll, and is the one that is known",
              on.topic->confirmed)) {
      SettleTopic(on, read, now, trace);
    }
  }
  std::erase_if(topics, [&](const TrackedGroupTopic& on) { return on.Done(); });
}

bool NeedsDescription(const TrackedGroup& group) {
  if (group.HasNoMembers()) return false;
  return !group.members || group.described_in_state != group.state || group.members_changed;
}

}  // namespace streamgauge::kafka
