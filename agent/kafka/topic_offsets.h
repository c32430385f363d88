// Reads start, end and last stable offset of all watched partitions. Used by the source's thread.
#pragma once

#include <optional>

#include "kafka/admin_requests.h"
#include "kafka/tracked_topic.h"

namespace streamgauge::kafka {

// Reads the partitions that have not been read in this poll, but for topics that rest: start first,
// then end, then stable, so that none of them can seem to be beyond the next one; the stable offset
// only where it can have moved. Leaders that did not answer in this poll
// are not asked again. Returns the first error, if any; the rest is read all the same.
std::optional<Error> ReadMissingOffsets(AdminRequests& requests, const TrackedTopics& topics);

}  // namespace streamgauge::kafka
