#include <fmt/format.h>

#include <algorithm>

#include "config/sections.h"

namespace streamgauge {
namespace {

// A glob that matches nothing at all is a slip of the pen, and would be silent for ever.
void ReadTargetGlob(Section& section, const std::vector<TargetConfig>& targets, std::string& glob) {
  const auto value = section.Text("target");
  if (!value) return;
  glob = value->text;
  const bool matches = std::ranges::any_of(
      targets, [&](const TargetConfig& target) { return GlobMatch(glob, target.name); });
  if (!matches) section.Fail(*value, fmt::format("{} matches no target", value->quoted()));
}

}  // namespace

std::vector<Objective> ReadObjectives(Section& root, const std::vector<TargetConfig>& targets) {
  std::vector<Objective> objectives;
  for (Section& section : root.Children("objectives")) {
    Objective objective;
    ReadTargetGlob(section, targets, objective.target);
    section.Read("stream", objective.stream);
    section.Read("group", objective.group);
    section.Require("lag_seconds", "how old an unread message may get, in seconds (try 30)");
    section.ReadPositive("lag_seconds", objective.lag_seconds);
    section.Finish();
    objectives.push_back(std::move(objective));
  }
  return objectives;
}

}  // namespace streamgauge
