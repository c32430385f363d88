// What a target's configuration says of its view.
#pragma once

#include "config/config.h"
#include "model/board.h"

namespace streamgauge {

// The view of a target that was not polled yet.
TargetView BlankView(const TargetConfig& target);

}  // namespace streamgauge
