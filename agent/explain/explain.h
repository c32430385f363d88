// `streamgauge explain`: polls one target some times and prints how the figures of one group came
// about, as the code that computed them told it (model/trace.h).
#pragma once

#include <ostream>
#include <string>

#include "config/config.h"
#include "model/time.h"
#include "sources.h"

namespace streamgauge {

struct ExplainRequest {
  std::string target;
  std::string stream;  // the names as the server gives them
  std::string group;
  int polls = 3;  // rates need three
  Duration every{2000};
};

enum class ExplainOutcome : std::uint8_t {
  kExplained,
  kNoTarget,  // no target of that name is configured
  kFailed     // it could not be polled, or has no such stream or group
};

// What went wrong is one line on `err`.
ExplainOutcome RunExplain(const Config& config, const SourceFactory& make_source,
                          const ExplainRequest& request, std::ostream& out, std::ostream& err);

}  // namespace streamgauge
