// What a committed offset means beside the start and end of its partition: the rules of
// docs/signals.md as pure functions. Unknown is an empty optional.
#pragma once

#include <cstdint>
#include <optional>

#include "kafka/offset.h"
#include "model/time.h"
#include "model/trace.h"

namespace streamgauge::kafka {

// Records that the group has not got, to the high watermark: end - max(committed, start).
// Absent when the committed offset is beyond the end: the partition was truncated, or re-created,
// and nobody knows where the group will go on.
// REQUIRES: `end` was read after `committed`, so that a commit in between cannot look like that.
// `trace` may be null; there it is told as that of this partition.
std::optional<std::uint64_t> LagOf(Offset committed, Offset start, Offset end,
                                   Trace* trace = nullptr, std::size_t partition = 0);

// What one interval between polls took from a group for good: the records that were removed between
// the poll before the last (`start_before`) and the last one (`previous_start`) and that the group
// had not finished even now. `furthest` is the furthest that the group has ever been seen.
//
// The interval ends at the previous poll, not at this one, so that a group that commits, and a
// retention that deletes what was committed, within one interval is no loss. Nor is a single offset
// right where the group stands: it may be a transaction's marker, which nobody is delivered. A
// lower bound.
std::uint64_t LostIn(std::optional<Offset> start_before, std::optional<Offset> previous_start,
                     Offset furthest);

// Records that can still be removed from this partition before an unread one is. Absent when there
// is nothing unread, as then nothing can be lost.
std::optional<std::uint64_t> HeadroomOf(Offset committed, Offset start, Offset end);

// What is known of a group's hold on a topic.
struct TopicHold {
  bool stable = false;                     // the group's state
  std::uint32_t members = 0;               // of the whole group
  std::uint32_t assigned = 0;              // partitions of this topic that a member has
  SteadyTime::duration uncommitted_for{};  // since the last commit on it that was seen
};

// True when the group works, but not on this topic: nobody has a partition and nobody commits. Its
// lag then grows for ever and is no sign of a slow consumer.
bool IsAbandoned(const TopicHold& hold);

}  // namespace streamgauge::kafka
