#include "kafka/fed_group.h"

#include <algorithm>
#include <utility>

namespace streamgauge::kafka {
namespace {

auto TopicPlace(GroupOffsets& offsets, std::string_view topic) {
  return std::lower_bound(
      offsets.begin(), offsets.end(), topic,
      [](const TopicOffsets& one, std::string_view name) { return one.topic < name; });
}

auto PartitionPlace(std::vector<PartitionOffset>& partitions, std::int32_t partition) {
  return std::lower_bound(
      partitions.begin(), partitions.end(), partition,
      [](const PartitionOffset& one, std::int32_t number) { return one.partition < number; });
}

}  // namespace

void FedGroup::Apply(const FedCommit& commit) {
  if (!loaded_) {
    early_.push_back({std::string(commit.topic), commit.partition, commit.offset});
    return;
  }
  changed_ = true;
  Set(commit.topic, commit.partition, commit.offset);
  TopicOffsets* topic = commit.offset ? Find(commit.topic) : nullptr;
  if (topic == nullptr) return;
  topic->commits = topic->commits.value_or(0) + 1;
  topic->last_commit = std::max(topic->last_commit.value_or(commit.time), commit.time);
}

void FedGroup::TakeRebalance(std::int32_t number) {
  rebalances_.Observe(static_cast<std::uint64_t>(std::max(number, 0)));
  members_changed_ = true;
}

void FedGroup::Load(const GroupOffsets& offsets, bool keep_early) {
  GroupOffsets before = std::exchange(offsets_, offsets);
  std::sort(offsets_.begin(), offsets_.end(),
            [](const TopicOffsets& a, const TopicOffsets& b) { return a.topic < b.topic; });
  for (TopicOffsets& topic : offsets_) {
    std::sort(topic.partitions.begin(), topic.partitions.end(),
              [](const PartitionOffset& a, const PartitionOffset& b) {
                return a.partition < b.partition;
              });
    const auto old = TopicPlace(before, topic.topic);
    const bool known = old != before.end() && old->topic == topic.topic;
    topic.commits = known ? old->commits : 0;
    // Without a gap since the last Load every commit was seen.
    topic.last_commit = known && loaded_ ? old->last_commit : std::nullopt;
  }
  if (!loaded_) members_changed_ = true;
  loaded_ = true;
  changed_ = true;
  const std::vector<EarlyCommit> early = std::exchange(early_, {});
  for (const EarlyCommit& one : early) {
    if (keep_early) Set(one.topic, one.partition, one.offset);
  }
}

void FedGroup::Forget() {
  loaded_ = false;
  early_.clear();
  rebalances_.Rebase();
}

bool FedGroup::TakeChanged() { return std::exchange(changed_, false); }
bool FedGroup::TakeMembersChanged() { return std::exchange(members_changed_, false); }

void FedGroup::Set(std::string_view topic, std::int32_t partition, std::optional<Offset> offset) {
  const auto place = TopicPlace(offsets_, topic);
  const bool known = place != offsets_.end() && place->topic == topic;
  if (!known && !offset) return;
  const auto here =
      known ? place : offsets_.insert(place, TopicOffsets{std::string(topic), {}, 0, std::nullopt});
  const auto one = PartitionPlace(here->partitions, partition);
  const bool committed = one != here->partitions.end() && one->partition == partition;
  if (committed && offset) {
    one->offset = *offset;
  } else if (committed) {
    here->partitions.erase(one);
  } else if (offset) {
    here->partitions.insert(one, {partition, *offset});
  }
  if (here->partitions.empty()) offsets_.erase(here);
}

TopicOffsets* FedGroup::Find(std::string_view topic) {
  const auto place = TopicPlace(offsets_, topic);
  return place != offsets_.end() && place->topic == topic ? &*place : nullptr;
}

}  // namespace streamgauge::kafka
