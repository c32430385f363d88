// A trace as text for people. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "explain/explain.h"
#include "model/report.h"
#include "model/trace.h"

namespace streamgauge {

struct Explanation {
  const ExplainRequest& request;
  const Trace& trace;
  const Report& report;
  std::size_t group;  // index into report.groups
  Duration window;    // SignalsConfig::window
};

std::string ExplainText(const Explanation& explanation);

}  // namespace streamgauge
