#include "kafka/tracked_topic.h"

#include <algorithm>

namespace streamgauge::kafka {

void TrackedPartition::TakeOffsets(Offset new_start, Offset new_end, SteadyTime now) {
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
  stable.reset();
  read_at = now;
  fresh = true;
  appended.Observe(static_cast<std::uint64_t>(*end));
  removed.Observe(static_cast<std::uint64_t>(*start));
  ends.Observe(now, *end);
}

void TrackedPartition::TakeStable(Offset new_stable) {
  // Read after the end, so that an end that moved meanwhile does not look like an open transaction.
  if (fresh) stable = std::min(new_stable, *end);
}

void TrackedTopic::BeginPoll() {
  for (TrackedPartition& partition : partitions) partition.fresh = false;
}

void TrackedTopic::Describe(const TopicDescription& description) {
  const bool another = id.known() && description.id.known() && description.id != id;
  // Without ids nobody can tell whether what was missing is what came back.
  const bool perhaps_another = missing_since && !description.id.known();
  if (another || perhaps_another) ForgetFormerTopic();
  described = true;
  missing_since.reset();
  if (description.id.known()) id = description.id;
  std::int32_t count = 0;
  for (const PartitionDescription& p : description.partitions) {
    count = std::max(count, p.partition + 1);
  }
  partitions.resize(static_cast<std::size_t>(count));
  for (const PartitionDescription& p : description.partitions) {
    if (p.partition < 0) continue;
    TrackedPartition& partition = partitions[static_cast<std::size_t>(p.partition)];
    partition.leader = p.leader;
    partition.replicas = p.replicas;
    partition.in_sync_replicas = p.in_sync_replicas;
  }
}

void TrackedTopic::ForgetFormerTopic() {
  ++recreations;
  for (const TrackedPartition& partition : partitions) {
    appended_before += partition.appended.total();
    removed_before += partition.removed.total();
  }
  partitions.clear();
  settings.reset();
  settings_asked_at.reset();
}

}  // namespace streamgauge::kafka
