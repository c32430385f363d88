#include "signals/removal.h"

#include <algorithm>
#include <cmath>

#include "signals/history.h"

namespace streamgauge {

void StartTrack::Observe(std::int64_t start, Tick now, Tick window) {
  if (start_ < 0 || start < start_) {
    *this = StartTrack(partition_);
    start_ = start;
    return;
  }
  if (start == start_) return;
  start_ = start;
  const Jump jump{now, start};
  if (jumps_ == 0) {
    first_ = middle_ = jump;
  } else if (now - middle_.tick >= window) {
    first_ = middle_;
    middle_ = last_;
  }
  last_ = jump;
  jumps_ = static_cast<std::uint8_t>(std::min(jumps_ + 1, 2));
}

std::optional<double> StartTrack::RemovalRate(Tick now) const {
  if (jumps_ < 2 || last_.tick == first_.tick) return std::nullopt;
  // When the next jump is overdue, removal has become slower.
  const double seconds =
      std::max(SecondsBetween(first_.tick, last_.tick), SecondsBetween(last_.tick, now));
  return static_cast<double>(last_.start - first_.start) / seconds;
}

void CommitTrack::Observe(std::span<const GroupPartitionReading> partitions,
                          std::span<const PartitionReading> stream, Tick now, Tick window) {
  if (!later_.empty() && now - later_tick_ < window / 2) return;
  std::swap(earlier_, later_);
  earlier_tick_ = later_tick_;
  later_.resize(partitions.size());
  later_tick_ = now;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const auto gap = GapOf(partitions[i], FindPartition(stream, partitions[i].partition));
    later_[i] = {
        .partition = partitions[i].partition,
        .committed = static_cast<std::uint32_t>(partitions[i].committed_offset.value_or(0)),
        .gap = FigureOr<float>(gap)};
  }
}

const CommitTrack::Place* CommitTrack::Earlier(std::size_t index, std::int32_t partition) const {
  if (index >= earlier_.size() || earlier_[index].partition != partition) return nullptr;
  return std::isnan(earlier_[index].gap) ? nullptr : &earlier_[index];
}

const PartitionReading* FindPartition(std::span<const PartitionReading> partitions,
                                      std::int32_t number) {
  // Nearly always all of them are there, and the number is the index.
  const auto index = static_cast<std::size_t>(number);
  if (index < partitions.size() && partitions[index].partition == number) return &partitions[index];
  const auto found = std::lower_bound(
      partitions.begin(), partitions.end(), number,
      [](const PartitionReading& p, std::int32_t value) { return p.partition < value; });
  return found != partitions.end() && found->partition == number ? &*found : nullptr;
}

bool IsOnlyMarker(const GroupPartitionReading& group, const PartitionReading* stream) {
  if (group.lag == 0) return true;
  return group.lag == 1 && stream != nullptr && stream->end_offset &&
         stream->stable_offset == stream->end_offset;
}

std::optional<double> GapOf(const GroupPartitionReading& group, const PartitionReading* stream) {
  if (stream == nullptr || !stream->start_offset || !group.committed_offset) return std::nullopt;
  return static_cast<double>(
      std::max<std::int64_t>(0, *group.committed_offset - *stream->start_offset));
}

namespace {

std::optional<double> SecondsToRemoval(double gap, double committed, const CommitTrack::Place& past,
                                       double removal_rate, double seconds, bool approached) {
  if (committed < 0) return std::nullopt;  // the group went back: its past says nothing
  const bool removal_follows_group = gap < committed && past.gap < committed;
  if (removal_follows_group && !approached) return std::nullopt;
  const double approach_rate = removal_rate - committed / seconds;
  if (approach_rate <= 0) return std::nullopt;
  return gap / approach_rate;
}

}  // namespace

std::optional<double> SecondsToRemoval(std::span<const GroupPartitionReading> partitions,
                                       const CommitTrack& commits,
                                       std::span<const PartitionReading> stream,
                                       std::span<const StartTrack> starts, bool approached,
                                       Tick now) {
  std::optional<double> soonest;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const GroupPartitionReading& mine = partitions[i];
    const CommitTrack::Place* past = commits.Earlier(i, mine.partition);
    if (!mine.lag || past == nullptr) continue;
    const PartitionReading* partition = FindPartition(stream, mine.partition);
    if (IsOnlyMarker(mine, partition)) continue;
    const auto gap = GapOf(mine, partition);
    if (!gap) continue;
    const auto rate = starts[static_cast<std::size_t>(partition - stream.data())].RemovalRate(now);
    if (!rate) continue;
    const double committed = static_cast<std::int32_t>(
        static_cast<std::uint32_t>(*mine.committed_offset) - past->committed);
    const auto seconds =
        SecondsToRemoval(*gap, committed, *past, *rate, commits.EarlierSeconds(now), approached);
    if (seconds) soonest = std::min(soonest.value_or(*seconds), *seconds);
  }
  return soonest;
}

}  // namespace streamgauge
