#include "signals/causes.h"

#include <algorithm>

#include "signals/consumers.h"
#include "signals/removal.h"

namespace streamgauge {
namespace {

// One part is named as the cause when it has at least this share of the whole.
constexpr double kMostOfIt = 0.5;
// The append rate is called a burst from this multiple of the usual one on.
constexpr double kBurstFactor = 2;

void AddHotPartition(const GroupReading& group, Evidence& evidence) {
  const auto& partitions = group.partitions;
  if (partitions.size() < 2 || group.lag.value_or(0) == 0) return;
  const auto hottest = std::max_element(
      partitions.begin(), partitions.end(),
      [](const auto& a, const auto& b) { return a.lag.value_or(0) < b.lag.value_or(0); });
  const double share =
      static_cast<double>(hottest->lag.value_or(0)) / static_cast<double>(*group.lag);
  const double even_share = 1.0 / static_cast<double>(partitions.size());
  if (share < kMostOfIt || share < 1.5 * even_share) return;
  evidence.Add(Cause::kHotPartition);
  evidence.hot_partition = hottest->partition;
  evidence.hot_share = static_cast<float>(share);
}

void AddHolder(const GroupReading& group, Evidence& evidence) {
  const ConsumerReading* holder = LargestHolder(group);
  if (holder == nullptr || group.pending.value_or(0) == 0) return;
  const double share = static_cast<double>(*holder->pending) / static_cast<double>(*group.pending);
  if (share < kMostOfIt) return;
  evidence.Add(Cause::kOneHolder);
  evidence.holder = static_cast<std::uint32_t>(holder - group.consumers.data());
  evidence.hot_share = static_cast<float>(std::min(1.0, share));
}

bool HasOpenTransaction(const StreamReading& stream, const GroupReading& group) {
  return std::any_of(group.partitions.begin(), group.partitions.end(), [&](const auto& mine) {
    const PartitionReading* partition = FindPartition(stream.partitions, mine.partition);
    return mine.lag.value_or(0) > 0 && partition != nullptr && partition->end_offset &&
           partition->stable_offset && *partition->stable_offset < *partition->end_offset;
  });
}

}  // namespace

bool OnlyMarkersLeft(const StreamReading& stream, const GroupReading& group) {
  if (!group.lag || *group.lag == 0 || *group.lag > group.partitions.size()) return false;
  return std::all_of(group.partitions.begin(), group.partitions.end(), [&](const auto& mine) {
    return IsOnlyMarker(mine, FindPartition(stream.partitions, mine.partition));
  });
}

void AddCauses(const StreamReading& stream, const GroupReading& group,
               std::optional<double> append_rate, std::optional<double> usual_rate,
               Evidence& evidence) {
  AddHotPartition(group, evidence);
  AddHolder(group, evidence);
  if (HasOpenTransaction(stream, group)) evidence.Add(Cause::kOpenTransaction);
  if (stream.compacted) evidence.Add(Cause::kCompacted);
  if (group.abandoned) evidence.Add(Cause::kAbandoned);
  if (stream.retention_seconds && group.lag_seconds.value_or(0) > *stream.retention_seconds) {
    evidence.Add(Cause::kRetentionShort);
  }
  if (append_rate && usual_rate && *usual_rate > 0 && *append_rate >= kBurstFactor * *usual_rate) {
    evidence.Add(Cause::kProducerBurst);
    evidence.burst_factor = static_cast<float>(*append_rate / *usual_rate);
  }
}

}  // namespace streamgauge
