// --once: polls every target one time, side by side, and prints the page /metrics.
#pragma once

#include <ostream>

#include "config/config.h"
#include "sources.h"

namespace streamgauge {

// The exit code: kExitFailed when a target could not be read; what the others gave is printed all
// the same, and the log says why. Signals that need two polls are absent.
int RunOnce(const Config& config, const SourceFactory& make_source, std::ostream& out);

}  // namespace streamgauge
