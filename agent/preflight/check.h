// `streamgauge check`: tries every target, side by side, and prints what works and what is missing.
#pragma once

#include <ostream>

#include "config/config.h"
#include "model/time.h"
#include "sources.h"

namespace streamgauge {

struct CheckOutcome {
  bool all_work = false;
  // A thread that does not end, whatever it is told, is left behind: the process must not wait for
  // it.
  bool threads_left = false;
};

// How long the slowest target may take.
Duration CheckDeadline(const Config& config);

// Targets that have not ended after `deadline` count as not working.
CheckOutcome RunCheck(const Config& config, const SourceFactory& make_source, Duration deadline,
                      std::ostream& out);

}  // namespace streamgauge
