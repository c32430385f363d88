// When the consumers of a group are listed (XINFO CONSUMERS), and what is remembered of the last
// list. With many groups the lists are the dearest part of a poll and the one that is least urgent,
// so they have a pace of their own: every group's about every 30 seconds, the oldest list first. A
// few hundred are always read, so that small targets have fresh ones in every poll.
//
// Between two lists the figures are those of the last one: nothing else tells whether a consumer
// has made an attempt since. A list that does not fit the group any more, as consumers came or
// went, or that could not be renewed for long, is not used.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/reading.h"
#include "model/time.h"

namespace streamgauge {

struct PollWork;

struct ConsumerList {
  WallTime at;                // the server's time
  std::uint64_t members = 0;  // consumers that the group had then
  bool whole = false;         // all of them are in it
  std::vector<ConsumerReading> consumers;
};

// Whether the list still tells about a group of so many consumers.
bool IsUsable(const std::optional<ConsumerList>& list, std::uint64_t consumers, WallTime now);

// Marks the groups whose consumers are to be listed in this poll. Those whose list is not usable
// are always among them; groups with no consumers, or more than `most_consumers`, never.
void ChooseLists(PollWork& work, std::uint64_t most_consumers);

}  // namespace streamgauge
