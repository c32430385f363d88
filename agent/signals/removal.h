// How fast Kafka removes records from the old end of a partition, and how far a group was from it a
// while ago.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/reading.h"
#include "signals/time_ring.h"

namespace streamgauge {

// The advance of one partition's start offset. Kafka removes whole segments, so that the start
// offset stands still and then jumps: the rate is taken between jumps, never from one jump alone.
class StartTrack {
 public:
  explicit StartTrack(std::int32_t partition = 0) : partition_(partition) {}

  std::int32_t partition() const { return partition_; }
  void Observe(std::int64_t start, Tick now, Tick window);
  // Records per second; absent until two jumps were seen.
  std::optional<double> RemovalRate(Tick now) const;

 private:
  struct Jump {
    Tick tick = 0;
    std::int64_t start = 0;
  };
  std::int32_t partition_;
  std::int64_t start_ = -1;
  // The rate runs from first_ to last_. Once middle_ is a window old, it takes the place of first_.
  Jump first_, middle_, last_;
  std::uint8_t jumps_ = 0;  // counts up to 2
};

// Where a group's commits stood between half a window and a window ago, for each of its partitions.
class CommitTrack {
 public:
  struct Place {
    std::int32_t partition = 0;
    std::uint32_t committed = 0;  // the low 32 bits: only differences count
    float gap = 0;                // from the start offset; NaN: not known
  };

  // `partitions` of the group, and of the stream for the start offsets.
  void Observe(std::span<const GroupPartitionReading> partitions,
               std::span<const PartitionReading> stream, Tick now, Tick window);
  // The place of the partition with this number, expected at this index, and how long ago. Null
  // when it is not known; where the list of partitions has changed, that is so for up to a window.
  const Place* Earlier(std::size_t index, std::int32_t partition) const;
  double EarlierSeconds(Tick now) const { return SecondsBetween(earlier_tick_, now); }

 private:
  std::vector<Place> earlier_, later_;
  Tick earlier_tick_ = 0;
  Tick later_tick_ = 0;
};

// The stream's partition of this number; null when it was not read.
const PartitionReading* FindPartition(std::span<const PartitionReading> partitions,
                                      std::int32_t number);

// True when nothing but a transaction's marker may be unread there: lag 0, or lag 1 and no open
// transaction. A single last message looks the same; whoever foresees a loss takes it for a marker,
// since consumers that commit the offset behind a record stay at one for ever.
bool IsOnlyMarker(const GroupPartitionReading& group, const PartitionReading* stream);

// Messages between the start offset and what the group has committed, at least 0.
std::optional<double> GapOf(const GroupPartitionReading& group, const PartitionReading* stream);

// Seconds until removal reaches unread records on the first of the partitions; absent when it
// reaches none at present rates or not enough is known. Where removal follows the group's commits
// (consumers that delete what they have finished) it does not threaten it and is left out, unless
// it was seen to come from afar: `approached` tells whether the last poll had a result.
// `starts` is parallel to `stream`.
std::optional<double> SecondsToRemoval(std::span<const GroupPartitionReading> partitions,
                                       const CommitTrack& commits,
                                       std::span<const PartitionReading> stream,
                                       std::span<const StartTrack> starts, bool approached,
                                       Tick now);

}  // namespace streamgauge
