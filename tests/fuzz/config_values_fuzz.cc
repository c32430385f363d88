// Single values of the configuration: durations, addresses, globs, shards, variables.
#include <algorithm>
#include <string>
#include <vector>

#include "config/duration.h"
#include "config/environment.h"
#include "config/host_port.h"
#include "config/name_filter.h"
#include "config/shard.h"
#include "fuzz/fuzzer.h"

namespace streamgauge {
namespace {

using test::Require;

void CheckDuration(std::string_view text) {
  const auto duration = ParseDuration(text);
  if (!duration) return;
  Require(duration->count() >= 0, "no duration is negative", text);
  Require(ParseDuration(FormatDuration(*duration)) == duration,
          "a duration that is written reads as itself", text);
}

void CheckHostPort(std::string_view text) {
  const auto address = ParseHostPort(text);
  if (!address) return;
  const bool ipv6 = address->host.find(':') != std::string::npos;
  std::string written = ipv6 ? "[" + address->host + "]" : address->host;
  if (address->port) written += ":" + std::to_string(*address->port);
  const auto again = ParseHostPort(written);
  Require(again && again->host == address->host && again->port == address->port,
          "an address that is written reads as itself", text);
}

std::string Escaped(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (std::string_view("*?[]\\^-").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

// Matches as GlobMatch must, in the plain way: where the pattern's prefix matches the text's. Only
// for patterns without brackets and backslashes.
bool PlainGlobMatch(std::string_view pattern, std::string_view text) {
  std::vector<bool> reached(text.size() + 1, false);
  reached[0] = true;
  for (const char element : pattern) {
    std::vector<bool> next(text.size() + 1, false);
    for (std::size_t t = 0; t <= text.size(); ++t) {
      if (element == '*') {
        next[t] = reached[t] || (t > 0 && next[t - 1]);
      } else {
        next[t] = t > 0 && reached[t - 1] && (element == '?' || element == text[t - 1]);
      }
    }
    reached = std::move(next);
  }
  return reached[text.size()];
}

void CheckGlob(std::string_view pattern, std::string_view text) {
  const bool matches = GlobMatch(pattern, text);
  if (pattern.find_first_of("[\\") == std::string_view::npos) {
    Require(matches == PlainGlobMatch(pattern, text), "a glob matches what it says", pattern);
  }
  if (IsLiteral(pattern)) Require(matches == (pattern == text), "a literal is one name", pattern);
  Require(GlobMatch(Escaped(text), text), "an escaped name matches itself", text);
  Require(GlobMatch("*" + Escaped(text.substr(text.size() / 2)), text), "* is any start", text);
  const NameFilter filter{.include = {std::string(pattern)}, .exclude = {std::string(pattern)}};
  Require(!filter.Matches(text), "what is excluded is not watched", text);
}

void CheckShard(std::string_view text, std::uint32_t total) {
  Require(ShardOf(text, total) < total, "a name's shard is one of all", text);
  const std::uint32_t more = ShardOf(text, total + 1);
  Require(more == total || more == ShardOf(text, total),
          "a name moves to the new shard or not at all", text);
  if (const auto index = ParseShardIndex(text)) {
    Require(text.ends_with(std::to_string(*index)) || text.find('0') != std::string_view::npos,
            "an index is written in the name", text);
  }
}

void CheckVariables(std::string_view text) {
  const auto expanded = ExpandVariables(text, [](const std::string&) { return "${AGAIN}"; });
  if (!expanded) {
    Require(!expanded.error().empty(), "what is refused has a reason", text);
  } else if (text.find('$') == std::string_view::npos) {
    Require(*expanded == text, "a text without variables stays", text);
  }
}

}  // namespace
}  // namespace streamgauge

STREAMGAUGE_FUZZER(config_values) {
  using namespace streamgauge;
  test::Pieces pieces(input);
  const auto total = static_cast<std::uint32_t>(1 + pieces.Below(200));
  const std::string_view first = pieces.Line();
  CheckDuration(first);
  CheckHostPort(first);
  CheckGlob(first, pieces.rest());
  CheckShard(first, total);
  CheckVariables(input);
}
