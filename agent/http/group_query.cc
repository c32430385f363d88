#include "http/group_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "config/name_filter.h"

namespace streamgauge {
namespace {

bool MatchesAny(const std::vector<std::string>& globs, std::string_view name) {
  if (globs.empty()) return true;
  const std::string readable = Readable(name);
  return std::ranges::any_of(globs,
                             [&](const std::string& glob) { return GlobMatch(glob, readable); });
}

std::optional<GroupState> ParseState(std::string_view text) {
  for (std::size_t i = 0; i < kGroupStateCount; ++i) {
    const auto state = static_cast<GroupState>(i);
    if (ToString(state) == text) return state;
  }
  return std::nullopt;
}

std::string AllowedStates() {
  std::string states(ToString(GroupState{}));
  for (std::size_t i = 1; i < kGroupStateCount; ++i) {
    states.append(", ").append(ToString(static_cast<GroupState>(i)));
  }
  return states;
}

std::optional<std::size_t> ParseLimit(std::string_view text) {
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size() || limit == 0) return std::nullopt;
  return limit;
}

// Takes one parameter; returns what is wrong with it, or nothing.
std::string Take(const std::string& name, const std::string& value, GroupQuery& query) {
  if (name == "system") {
    query.systems.push_back(value);
  } else if (name == "target") {
    query.targets.push_back(value);
  } else if (name == "stream") {
    query.streams.push_back(value);
  } else if (name == "group") {
    query.groups.push_back(value);
  } else if (name == "state") {
    const std::optional<GroupState> state = ParseState(value);
    if (!state) return fmt::format("state: '{}' is not one of {}", value, AllowedStates());
    query.states.push_back(*state);
  } else if (name == "limit") {
    if (query.limit) return "limit is given more than once";
    query.limit = ParseLimit(value);
    if (!query.limit) return fmt::format("limit: '{}' is not a whole number above 0", value);
  } else {
    return fmt::format(
        "unknown parameter '{}'; allowed: system, target, stream, group, state, limit", name);
  }
  return "";
}

}  // namespace

bool GroupQuery::Matches(const RankedGroup& group) const {
  if (!states.empty() && std::ranges::find(states, group.severity.state) == states.end()) {
    return false;
  }
  return MatchesAny(systems, group.target->system) && MatchesAny(targets, group.target->name) &&
         MatchesAny(streams, group.stream().name->text()) &&
         MatchesAny(groups, group.reading().name->text());
}

std::expected<GroupQuery, std::string> ParseGroupQuery(const QueryParameters& parameters) {
  GroupQuery query;
  for (const auto& [name, value] : parameters) {
    if (std::string problem = Take(name, value, query); !problem.empty()) {
      return std::unexpected(Readable(problem));
    }
  }
  return query;
}

}  // namespace streamgauge
