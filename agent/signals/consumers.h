// What a group's consumers are doing: active, idle, dead with pending entries, never read.
#pragma once

#include <optional>

#include "model/reading.h"
#include "model/report.h"
#include "model/time.h"

namespace streamgauge {

// Counts the consumers by state; absent when they are not known. Kafka tells members only, not when
// one last asked; a member that stops polling is removed by the broker: all are active.
//
// Redis, first match: `active` made an attempt within `dead_after`; `dead_with_pending` did not and
// still holds entries; `never_read` did not and never got any; `idle` is the rest.
std::optional<ConsumerStates> CountConsumers(const GroupReading& group, Duration dead_after);

// False where a consumer's idle time counts from its last success: before Redis 7.2, which tells no
// other. True without consumers.
bool KnowsAttempts(const GroupReading& group);

// Seconds since the consumer that was heard of last made an attempt. Absent when there is no
// consumer or the list is not complete.
std::optional<double> QuietSeconds(const GroupReading& group);

// The consumer with the largest share of the group's pending entries; null when the list is not
// complete or nothing is pending.
const ConsumerReading* LargestHolder(const GroupReading& group);

}  // namespace streamgauge
