// Turns the finished working table of a poll into the reading: ages, sums and what was left out.
// What is told of the target as a whole (mode, nodes) is the source's to add.
#pragma once

#include <cstdint>

#include "model/reading.h"
#include "model/telemetry.h"
#include "redis/poll_work.h"

namespace streamgauge {

// REQUIRES: work.time is known. Takes the consumers out of `work`, and advances the counters of
// streams and groups: to be called once a poll. Clamped clocks are counted.
Reading BuildReading(PollWork& work, const Epochs& epochs, Telemetry& telemetry);

}  // namespace streamgauge
