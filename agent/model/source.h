// The one thing that knows a backbone. A source is made by sources.cc from a target's
// configuration, owned by the target's poller and used by its thread alone.
#pragma once

#include <stop_token>

#include "model/access.h"
#include "model/error.h"
#include "model/reading.h"
#include "model/telemetry.h"
#include "model/time.h"
#include "model/trace.h"

namespace streamgauge {

class Source {
 public:
  virtual ~Source() = default;

  // Reads the target once. Connects (again) when needed. Returns within about the target's timeout
  // after it stopped getting answers, and within about 200 ms after `stop` was requested.
  // An error means that the target as a whole could not be read; trouble with single streams or
  // groups is counted in the telemetry and in Reading::skipped, and the rest is returned.
  virtual Result<Reading> Poll(std::stop_token stop) = 0;

  virtual const Telemetry& telemetry() const = 0;

  // Tries everything that polls may need, also what the target's present content gives no reason to
  // ask for. Only reads, as Poll does. An error means that nothing could be tried. Takes about as
  // long as a poll does.
  virtual Result<AccessReport> TryAccess(const std::stop_token& /*stop*/) { return AccessReport(); }

  // From the next poll on, how the figures of that group come about is added to its trace; null
  // ends it. REQUIRES: what it points to outlives these polls.
  virtual void SetTraced(const TracedGroup* /*traced*/) {}
};

}  // namespace streamgauge
