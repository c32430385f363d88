// Circumstances that explain why a group is in trouble, where the facts show them.
#pragma once

#include <optional>

#include "model/report.h"

namespace streamgauge {

// True when nothing but transaction markers can be left to read: lag 1 on each partition that has
// one, and no open transaction. A single last message on each looks the same, which is why a
// verdict says so instead of being silent.
bool OnlyMarkersLeft(const StreamReading& stream, const GroupReading& group);

// Adds what applies to `evidence`. `append_rate` is the present one, `usual_rate` that of the past.
void AddCauses(const StreamReading& stream, const GroupReading& group,
               std::optional<double> append_rate, std::optional<double> usual_rate,
               Evidence& evidence);

}  // namespace streamgauge
