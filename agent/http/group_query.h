// What GET /api/v1/groups was asked for. Pure.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "http/ranked_groups.h"

namespace streamgauge {

using QueryParameters = std::multimap<std::string, std::string>;

// Each list is of alternatives; an empty one is no condition. Names are globs as in the
// configuration, matched against names as the API writes them (Readable).
struct GroupQuery {
  std::vector<std::string> systems;
  std::vector<std::string> targets;
  std::vector<std::string> streams;
  std::vector<std::string> groups;
  std::vector<GroupState> states;
  std::optional<std::size_t> limit;

  bool Matches(const RankedGroup& group) const;
};

// The error is a sentence for the client, with what is allowed.
std::expected<GroupQuery, std::string> ParseGroupQuery(const QueryParameters& parameters);

}  // namespace streamgauge
