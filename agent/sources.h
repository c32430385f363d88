// The backbones that this agent knows: from a target's configuration to its source. A new one is a
// line in sources.cc.
#pragma once

#include <functional>
#include <memory>

#include "config/config.h"
#include "model/source.h"

namespace streamgauge {

// Neither connects nor starts a thread. `stale_after` is how long the last values of a part of the
// target that does not answer are kept.
std::unique_ptr<Source> MakeSource(const TargetConfig& target, Duration stale_after);

// MakeSource, or a test's own.
using SourceFactory =
    std::function<std::unique_ptr<Source>(const TargetConfig& target, Duration stale_after)>;

}  // namespace streamgauge
