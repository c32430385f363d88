// Which streams or groups a target watches: include and exclude lists of globs, in the syntax of
// Redis' MATCH (https://redis.io/docs/latest/commands/scan/): * ? [abc] [^a] [a-z] and \ to escape.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace streamgauge {

// True when the whole of `text` matches `pattern`. Linear in practice: at most one backtrack point
// is kept, so that no pattern can make it explode.
bool GlobMatch(std::string_view pattern, std::string_view text);

// True when the pattern has no special character, i.e. names exactly one thing.
bool IsLiteral(std::string_view pattern);

struct NameFilter {
  std::vector<std::string> include = {"*"};
  std::vector<std::string> exclude;

  // Included by one pattern at least and excluded by none.
  bool Matches(std::string_view name) const;
  bool operator==(const NameFilter&) const = default;
};

}  // namespace streamgauge
