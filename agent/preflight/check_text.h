// What `streamgauge check` prints: plain text of at most 100 columns, to be read and to be pasted
// in a ticket. Pure.
#pragma once

#include <span>
#include <string>

#include "preflight/target_check.h"

namespace streamgauge {

std::string TextOf(const TargetCheck& check);

// The last line, of all targets.
std::string SummaryOf(std::span<const TargetCheck> checks);

}  // namespace streamgauge
