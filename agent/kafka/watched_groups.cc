#include "kafka/watched_groups.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace streamgauge::kafka {
namespace {

constexpr std::chrono::seconds kDescriptionPace{30};
constexpr std::size_t kMinDescriptionsPerPoll = 50;
constexpr std::size_t kPollsPerRound = 30;
// Groups that are away and are back are listed. To ask for the others tells which are gone, and
// costs a look-up each for a coordinator that is likely to be away still.
constexpr std::size_t kAwayAskedPerPoll = 50;

// Nothing tells any more where the group is.
bool IsOutOfSight(const TrackedGroup& group, SteadyTime now, Duration stale_after) {
  return !group.listed && !group.read && now - group.last_read > stale_after;
}

// A coordinator that has just taken over answers by what it knows that all replicas have: for a
// moment that is less than its predecessor has said. Until so long after it was first seen no step
// back is believed.
constexpr std::chrono::seconds kTakeover{10};

}  // namespace

WatchedGroups::WatchedGroups(const NameFilter& filter, std::uint32_t limit, const Shard& shard)
    : filter_(filter), limit_(limit), shard_(shard) {}

void WatchedGroups::BeginPoll() {
  for (auto& [name, group] : groups_) {
    group.BeginPoll();
    group.listed = false;
  }
}

void WatchedGroups::TakeListings(std::vector<GroupListing> listings,
                                 const std::set<std::int32_t>& silent, SteadyTime now) {
  std::erase_if(listings, [&](const GroupListing& one) {
    return !shard_.Owns(one.group) || !filter_.Matches(one.group);
  });
  std::sort(listings.begin(), listings.end(),
            [](const GroupListing& a, const GroupListing& b) { return a.group < b.group; });
  left_out_ = listings.size() > limit_ ? listings.size() - limit_ : 0;
  listings.resize(listings.size() - left_out_);
  if (left_out_ > 0 && !listings.empty()) {
    // The first by name stay, whenever they came.
    groups_.erase(groups_.upper_bound(listings.back().group), groups_.end());
  }
  for (const GroupListing& one : listings) {
    auto found = groups_.find(one.group);
    if (found == groups_.end()) {
      found = groups_.emplace(one.group, TrackedGroup(names_.Intern(one.group))).first;
      found->second.last_read = now;
    }
    found->second.listed = true;
    found->second.away = false;
    found->second.state = one.state;
    found->second.coordinator = one.broker;
    if (found->second.last_coordinator.value_or(one.broker) != one.broker) {
      found->second.taken_over_at = now;
    }
    found->second.last_coordinator = one.broker;
  }
  MarkUnlisted(silent);
  away_turn_ += kAwayAskedPerPoll;
  Index();
}

// A group whose coordinator is silent is with that one still, for all we know: then nobody waits
// for a look-up that ends there too. Any other has to be looked up.
void WatchedGroups::MarkUnlisted(const std::set<std::int32_t>& silent) {
  for (auto& [name, group] : groups_) {
    if (group.listed) continue;
    group.state = MembersState::kUnknown;
    if (group.coordinator && !silent.contains(*group.coordinator)) group.coordinator.reset();
  }
}

void WatchedGroups::Index() {
  queries_.clear();
  by_index_.clear();
  const auto away = static_cast<std::size_t>(
      std::ranges::count_if(groups_, [](const auto& entry) { return entry.second.away; }));
  std::size_t number = 0;  // among those
  for (auto& [name, group] : groups_) {
    if (group.away && (number++ + away_turn_) % away >= kAwayAskedPerPoll) continue;
    queries_.push_back({name, group.coordinator, group.needs_offsets, group.away});
    by_index_.push_back(&group);
  }
}

void WatchedGroups::TakeCommitted(std::size_t index, const GroupOffsets& offsets, AnsweredBy by,
                                  SteadyTime now, const ResolveTopic& resolve) {
  TrackedGroup& group = At(index);
  const bool settled = group.listed && by == AnsweredBy::kCoordinator &&
                       (!group.taken_over_at || now - *group.taken_over_at >= kTakeover);
  if (!settled && !offsets.empty() && group.GoesBack(offsets)) {
    group.needs_offsets = true;
    return;
  }
  group.TakeCommitted(offsets, now, resolve);
}

void WatchedGroups::TakeCommittedError(std::size_t index, const Error& error) {
  TrackedGroup& group = At(index);
  if (error.reason == Reason::kNotFound && !group.listed) group.gone = true;
  group.denied = error.reason == Reason::kUnauthorized;
}

void WatchedGroups::TakeFollowed(std::size_t index, const FollowedGroup& followed) {
  At(index).TakeFollowed(followed);
}

std::vector<std::size_t> WatchedGroups::DueForDescription(SteadyTime now) const {
  std::vector<std::size_t> due;
  std::optional<std::size_t> oldest_followed;
  const auto older = [&](std::size_t a, std::size_t b) {
    return by_index_[a]->described_at < by_index_[b]->described_at;
  };
  for (std::size_t i = 0; i < by_index_.size(); ++i) {
    const TrackedGroup& group = *by_index_[i];
    if (!group.listed || group.HasNoMembers()) continue;
    const bool long_ago = now - group.described_at >= kDescriptionPace;
    if (NeedsDescription(group) || (long_ago && !group.rebalances)) {
      due.push_back(i);
    } else if (long_ago && (!oldest_followed || older(i, *oldest_followed))) {
      oldest_followed = i;
    }
  }
  const std::size_t most = std::max(kMinDescriptionsPerPoll, by_index_.size() / kPollsPerRound);
  if (due.size() > most) {
    std::nth_element(due.begin(), due.begin() + static_cast<std::ptrdiff_t>(most), due.end(),
                     older);
    due.resize(most);
  } else if (oldest_followed && due.size() < most) {
    due.push_back(*oldest_followed);
  }
  return due;
}

void WatchedGroups::TakeDescription(std::size_t index, const GroupDescription& description,
                                    SteadyTime now, const ResolveTopic& resolve) {
  At(index).TakeDescription(description, now, resolve);
}

void WatchedGroups::MarkTopics() const {
  for (const auto& [name, group] : groups_) {
    for (const TrackedGroupTopic& on : group.topics) on.topic->used = true;
  }
}

void WatchedGroups::DropTopic(const TrackedTopic& topic) {
  for (auto& [name, group] : groups_) {
    group.Drop(topic);
    // Should the topic be back, nobody would tell again what is committed on it.
    group.needs_offsets = true;
  }
}

void WatchedGroups::Settle(SteadyTime now, Duration stale_after, const TracedGroup* traced) {
  const std::size_t gone = std::erase_if(groups_, [&](const auto& entry) {
    const TrackedGroup& group = entry.second;
    const bool nothing_left = !group.listed && group.read && !group.has_committed;
    const bool nothing_to_keep = group.denied || group.topics.empty();
    return group.gone || nothing_left || (nothing_to_keep && IsOutOfSight(group, now, stale_after));
  });
  for (auto& [name, group] : groups_) {
    if (!group.away && IsOutOfSight(group, now, stale_after)) group.GoAway();
    group.Settle(now, traced);
  }
  const bool dropped = DropAwayOverLimit();
  if (gone > 0 || dropped) Index();
}

// Those that are in sight are within it. The first by name stay.
bool WatchedGroups::DropAwayOverLimit() {
  const std::size_t before = groups_.size();
  for (auto at = groups_.end(); groups_.size() > limit_ && at != groups_.begin();) {
    --at;
    if (at->second.away) at = groups_.erase(at);
  }
  return groups_.size() < before;
}

}  // namespace streamgauge::kafka
