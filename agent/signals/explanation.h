// What the rules of the verdict are given, for `streamgauge explain`.
#pragma once

#include "config/config.h"
#include "model/trace.h"
#include "signals/verdict.h"

namespace streamgauge {

// `trace` may be null.
void TellVerdictInput(Trace* trace, const VerdictInput& input, const SignalsConfig& config);

}  // namespace streamgauge
