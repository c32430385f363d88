// Puts the tracked topics and groups into a Reading: which figures may be shown, and which sums are
// complete. Pure. Used by the source's thread.
#pragma once

#include "kafka/tracked_group.h"
#include "kafka/tracked_topic.h"
#include "model/reading.h"
#include "model/trace.h"

namespace streamgauge::kafka {

struct ReadingMoment {
  WallTime wall;
  SteadyTime steady;
  Duration stale_after{};  // how long a figure that could not be read again is shown
};

// Fills streams, groups, time and the skipped uncommitted partitions.
// REQUIRES: the groups are settled, and refer to topics in `topics` alone.
Reading BuildReading(const TrackedTopics& topics, const TrackedGroups& groups,
                     const ReadingMoment& moment, const TracedGroup* traced = nullptr);

// Tells each stream how many groups are on it.
// REQUIRES: `reading` has all watched groups, and all of them are known as of this poll.
void CountGroups(Reading& reading);

}  // namespace streamgauge::kafka
