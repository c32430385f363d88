#include "signals/objectives.h"

#include <utility>

#include "config/name_filter.h"

namespace streamgauge {

Objectives::Objectives(std::string_view target, std::vector<Objective> all)
    : objectives_(std::move(all)) {
  std::erase_if(objectives_, [&](const Objective& o) { return !GlobMatch(o.target, target); });
}

std::optional<double> Objectives::For(std::string_view stream, std::string_view group) const {
  for (const Objective& objective : objectives_) {
    if (GlobMatch(objective.stream, stream) && GlobMatch(objective.group, group)) {
      return objective.lag_seconds;
    }
  }
  return std::nullopt;
}

}  // namespace streamgauge
