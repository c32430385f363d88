#include "kafka/commit_feed.h"

#include <algorithm>

namespace streamgauge::kafka {
namespace {

// So many records before the end are read again at a start: a coordinator answers a moment later
// by a record than it shows it to who reads the topic.
constexpr Offset kOverlap = 100;
// With more left to read a new start is cheaper.
constexpr Offset kMaxBehind = 1'000'000;

using OffsetByPlace = std::map<std::pair<std::string, std::int32_t>, std::optional<Offset>>;

OffsetByPlace ByPlace(const GroupOffsets& offsets) {
  OffsetByPlace places;
  for (const TopicOffsets& topic : offsets) {
    for (const PartitionOffset& one : topic.partitions) {
      places[{topic.topic, one.partition}] = one.offset;
    }
  }
  return places;
}

}  // namespace

void CommitFeed::SetTopic(const TopicId& id, std::int32_t partitions) {
  const bool another = topic_.known() && id.known() && topic_ != id;
  if (id.known()) topic_ = id;
  if (!another && partitions == this->partitions()) return;
  partitions_.assign(static_cast<std::size_t>(partitions), {});
  groups_.clear();
  last_group_ = nullptr;
  check_.reset();
}

void CommitFeed::BeginPoll() {
  for (std::int32_t i = 0; i < partitions(); ++i) {
    Partition& partition = *At(i);
    partition.was_incomplete = !IsComplete(i);
    partition.position_before = partition.position;
    partition.end.reset();
  }
  // Those that nobody wanted any more.
  std::erase_if(groups_, [&](const auto& entry) { return entry.second.watched_in != poll_; });
  last_group_ = nullptr;
  for (auto& [name, group] : groups_) group.BeginPoll();
  ++poll_;
}

FedGroup& CommitFeed::Watch(const std::string& group) {
  auto found = groups_.find(group);
  if (found == groups_.end()) {
    found = groups_.emplace(group, FedGroup(OffsetsPartitionOf(group, partitions()))).first;
  }
  found->second.watched_in = poll_;
  return found->second;
}

void CommitFeed::TakeEnd(std::int32_t number, Offset end) {
  Partition* partition = At(number);
  if (partition == nullptr) return;
  partition->end = end;
  const bool truncated = partition->begun && end < partition->position;
  const bool behind = partition->begun && end - partition->position > kMaxBehind;
  if (truncated || behind) TakeLost(number);
}

void CommitFeed::Begin() {
  for (Partition& partition : partitions_) {
    if (partition.begun || !partition.end) continue;
    const Offset overlap = partition.exact_start ? 0 : std::min(*partition.end, kOverlap);
    partition.begun = true;
    partition.position = *partition.end - overlap;
  }
}

std::vector<FeedPlace> CommitFeed::Places() const {
  std::vector<FeedPlace> places;
  for (const std::int32_t number : Unread()) places.push_back({number, At(number)->position});
  return places;
}

void CommitFeed::TakeRecord(const FeedRecord& record) {
  Partition* partition = At(record.partition);
  // One from before a new start, or read twice, is no news.
  if (partition == nullptr || !partition->begun || record.offset < partition->position) return;
  partition->position = record.offset + 1;
  const OffsetsRecordKey key = record.key ? DecodeOffsetsKey(*record.key) : OffsetsRecordKey{};
  if (key.kind == OffsetsRecordKind::kUnknown) ++unknown_records_;
  if (key.kind == OffsetsRecordKind::kBad) ++bad_records_;
  FedGroup* group = FindGroup(key.group);
  if (group == nullptr) return;
  if (group->offsets_partition() != record.partition) {
    // The groups are spread in another way than is known here: where its records are cannot be
    // told.
    ++bad_records_;
    return group->TakeMisplaced();
  }
  TakeAbout(*group, key, record);
}

void CommitFeed::TakePosition(std::int32_t number, Offset offset) {
  Partition* partition = At(number);
  if (partition == nullptr || !partition->begun) return;
  partition->position = std::max(partition->position, offset);
}

void CommitFeed::TakeLost(std::int32_t number) {
  Partition* partition = At(number);
  if (partition == nullptr) return;
  // Perhaps because there is nothing before the end.
  partition->exact_start = true;
  partition->begun = false;
  for (auto& [name, group] : groups_) {
    if (group.offsets_partition() == number) group.Forget();
  }
}

std::vector<std::int32_t> CommitFeed::Unread() const {
  std::vector<std::int32_t> unread;
  for (std::int32_t i = 0; i < partitions(); ++i) {
    const Partition& partition = *At(i);
    if (partition.begun && partition.end && !IsComplete(i)) unread.push_back(i);
  }
  return unread;
}

bool CommitFeed::IsComplete(std::int32_t number) const {
  const Partition* partition = At(number);
  return partition != nullptr && partition->begun && partition->end &&
         partition->position >= *partition->end;
}

bool CommitFeed::IsBegun(std::int32_t number) const {
  const Partition* partition = At(number);
  return partition != nullptr && partition->begun;
}

bool CommitFeed::IsStuck(std::int32_t number) const {
  const Partition* partition = At(number);
  return partition != nullptr && partition->was_incomplete &&
         partition->position == partition->position_before;
}

bool CommitFeed::IsKnown(const FedGroup& group) const {
  return group.loaded() && IsComplete(group.offsets_partition());
}

void CommitFeed::BeginCheck(const std::string& group, const GroupOffsets& asked) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return;
  check_.emplace(Check{group, poll_, {}});
  const OffsetByPlace known = ByPlace(found->second.offsets());
  const OffsetByPlace said = ByPlace(asked);
  for (const auto& [place, offset] : said) {
    const auto here = known.find(place);
    if (here == known.end() || here->second != offset) check_->missing[place] = offset;
  }
  for (const auto& [place, offset] : known) {
    if (!said.contains(place)) check_->missing[place] = std::nullopt;
  }
}

std::optional<CommitFeed::CheckResult> CommitFeed::TakeCheckResult() {
  if (!check_) return std::nullopt;
  const auto group = groups_.find(check_->group);
  if (group == groups_.end() || !group->second.loaded()) {
    check_.reset();  // a new start: nothing to be compared with
    doubted_.reset();
    return std::nullopt;
  }
  const bool agreed = check_->missing.empty();
  const bool all_known = check_->begun_in != poll_ && IsKnown(group->second);
  if (!agreed && !all_known) return std::nullopt;
  const bool certain = agreed || doubted_ == check_->group;
  CheckResult result{std::move(check_->group), agreed, certain};
  check_.reset();
  doubted_ = certain ? std::nullopt : std::optional(result.group);
  return result;
}

std::uint64_t CommitFeed::TakeUnknownRecords() { return std::exchange(unknown_records_, 0); }
std::uint64_t CommitFeed::TakeBadRecords() { return std::exchange(bad_records_, 0); }

CommitFeed::Partition* CommitFeed::At(std::int32_t partition) {
  if (partition < 0 || partition >= partitions()) return nullptr;
  return &partitions_[static_cast<std::size_t>(partition)];
}

const CommitFeed::Partition* CommitFeed::At(std::int32_t partition) const {
  if (partition < 0 || partition >= partitions()) return nullptr;
  return &partitions_[static_cast<std::size_t>(partition)];
}

FedGroup* CommitFeed::FindGroup(std::string_view group) {
  if (last_group_ != nullptr && last_name_ == group) return last_group_;
  const auto found = groups_.find(group);
  if (found == groups_.end()) return nullptr;
  last_group_ = &found->second;
  last_name_ = found->first;
  return last_group_;
}

void CommitFeed::TakeAbout(FedGroup& group, const OffsetsRecordKey& key, const FeedRecord& record) {
  switch (key.kind) {
    case OffsetsRecordKind::kCommit:
      return TakeCommit(group, key, record);
    case OffsetsRecordKind::kGeneration:
    case OffsetsRecordKind::kEpoch: {
      group.TakeMembersChange();
      if (!record.value) return;
      const auto number = DecodeRebalanceNumber(key.kind, *record.value);
      if (number) return group.TakeRebalance(*number);
      ++unknown_records_;
      return;
    }
    case OffsetsRecordKind::kMembers:
      return group.TakeMembersChange();
    default:
      return;
  }
}

void CommitFeed::TakeCommit(FedGroup& group, const OffsetsRecordKey& key,
                            const FeedRecord& record) {
  FedCommit commit{key.topic, key.partition, std::nullopt, {}};
  if (record.value) {
    const auto value = DecodeCommitValue(*record.value);
    if (!value) {
      ++unknown_records_;
      return group.Forget();  // what it has committed there has to be asked for
    }
    if (value->offset >= 0) commit.offset = value->offset;
    commit.time = FromUnixMillis(value->timestamp_ms);
  }
  group.Apply(commit);
  TakeChecked(key.group, commit);
}

void CommitFeed::TakeChecked(std::string_view group, const FedCommit& commit) {
  if (!check_ || check_->group != group) return;
  const auto one = check_->missing.find({std::string(commit.topic), commit.partition});
  if (one != check_->missing.end() && one->second == commit.offset) check_->missing.erase(one);
}

}  // namespace streamgauge::kafka
