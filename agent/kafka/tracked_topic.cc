#include "kafka/tracked_topic.h"

#include <algorithm>
#include <utility>

#include "kafka/partition_bound.h"

namespace streamgauge::kafka {

void TrackedPartition::StageOffsets(Offset new_start, Offset new_end, SteadyTime now) {
  staged = Staged{.start = new_start, .end = new_end, .stable = std::nullopt, .at = now};
}

void TrackedPartition::StageStable(Offset new_stable) {
  if (staged) staged->stable = new_stable;
}

bool TrackedPartition::KeepStable() {
  if (!staged || !stable_at_end || staged->end != end) return false;
  staged->stable = end;
  staged->stable_kept = true;
  return true;
}

void TrackedPartition::MoveLeader(std::optional<std::int32_t> new_leader) {
  if (leader == new_leader) return;
  leader = new_leader;
  stable_at_end = false;
  if (staged && staged->stable_kept) staged->stable.reset();
}

void TrackedPartition::TakeStaged() {
  if (!staged) return;
  const auto [new_start, new_end, new_stable, at, kept] = *std::exchange(staged, std::nullopt);
  // Truncated (an unclean leader election): what was removed before is of another log.
  if (end && new_end < *end) {
    previous_start.reset();
    start.reset();
    removed.Rebase();
    times.Forget();
  }
  start_before = previous_start;
  previous_start = start;
  start = std::min(new_start, new_end);
  end = new_end;
  // Read after the end, so that an end that moved meanwhile does not look like an open transaction.
  stable = new_stable ? std::optional(std::min(*new_stable, new_end)) : std::nullopt;
  if (!kept) stable_at_end = stable == end;
  read_at = at;
  fresh = true;
  appended.Observe(static_cast<std::uint64_t>(*end));
  removed.Observe(static_cast<std::uint64_t>(*start));
  ends.Observe(at, *end, was_fresh);
}

void TrackedTopic::BeginPoll() {
  confirmed = used = rests = false;
  for (TrackedPartition& partition : partitions) {
    partition.was_fresh = std::exchange(partition.fresh, false);
    partition.staged.reset();
  }
}

bool TrackedTopic::KnownSince(SteadyTime time) const {
  return described && described_at >= time &&
         std::all_of(partitions.begin(), partitions.end(),
                     [&](const TrackedPartition& p) { return p.end && p.read_at >= time; });
}

void TrackedTopic::Describe(const TopicDescription& description, SteadyTime now) {
  const bool another = id.known() && description.id.known() && description.id != id;
  // Without ids nobody can tell whether what was missing is what came back.
  const bool perhaps_another = missing_since && !description.id.known();
  if (another || perhaps_another) ForgetFormerTopic();
  described = confirmed = true;
  described_at = now;
  missing_since.reset();
  if (description.id.known()) id = description.id;
  std::int32_t count = 0;
  for (const PartitionDescription& p : description.partitions) {
    if (IsPartitionNumber(p.partition)) count = std::max(count, p.partition + 1);
  }
  Reshape(static_cast<std::size_t>(count));
  for (const PartitionDescription& p : description.partitions) {
    if (!IsPartitionNumber(p.partition)) continue;
    TrackedPartition& partition = partitions[static_cast<std::size_t>(p.partition)];
    partition.MoveLeader(p.leader);
    partition.replicas = p.replicas;
    partition.in_sync_replicas = p.in_sync_replicas;
  }
}

// A topic never loses partitions: a broker that lists fewer lags behind, unless, without ids, it is
// another topic.
void TrackedTopic::Reshape(std::size_t count) {
  if (count < partitions.size() && id.known()) return;
  DropPartitionsFrom(count);
  partitions.resize(count);
}

void TrackedTopic::DropPartitionsFrom(std::size_t first) {
  if (first >= partitions.size()) return;
  for (std::size_t i = first; i < partitions.size(); ++i) {
    appended_before += partitions[i].appended.total();
    removed_before += partitions[i].removed.total();
  }
  partitions.resize(first);
}

void TrackedTopic::TakeStaged() {
  if (!confirmed) return;
  for (TrackedPartition& partition : partitions) partition.TakeStaged();
}

void TrackedTopic::TakeSettings(const Result<TopicSettings>& read, SteadyTime now,
                                SteadyTime::duration keep) {
  settings_asked_at = now;
  settings_denied = !read && read.error().reason == Reason::kUnauthorized;
  if (read) {
    settings = *read;
    settings_read_at = now;
  } else if (now - settings_read_at > keep) {
    settings.reset();
  }
}

void TrackedTopic::ForgetFormerTopic() {
  ++recreations;
  DropPartitionsFrom(0);
  settings.reset();
  settings_asked_at.reset();
}

}  // namespace streamgauge::kafka
