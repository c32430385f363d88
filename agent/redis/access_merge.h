// What several servers of a target said about the same rights, as one table. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/access.h"

namespace streamgauge {

struct ServerAccess {
  std::string server;  // as people call it
  AccessReport report;
};

// A row for each different answer, which names who gave it. What works on all that could be asked
// names nobody, and what does not is said without those where it does. `kind` is what one of them
// is: "node". Whether somebody can be polled is for the caller to say.
AccessReport MergeAccess(const std::vector<ServerAccess>& servers, std::string_view kind);

}  // namespace streamgauge
