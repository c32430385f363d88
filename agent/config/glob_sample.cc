#include "config/glob_sample.h"

#include <algorithm>

#include "config/name_filter.h"

namespace streamgauge {
namespace {

// A character of the bracket expression at the beginning of `pattern`, which is cut off.
char TakeBracket(std::string_view& pattern) {
  constexpr int kFirst = 0x20;
  constexpr int kEnd = 0x7f;
  const std::size_t close = pattern.find(']', 1);
  const std::string_view bracket =
      pattern.substr(0, close == std::string_view::npos ? close : close + 1);
  pattern.remove_prefix(bracket.size());
  for (int c = kEnd - 1; c > kFirst; --c) {
    const char one = static_cast<char>(c);
    if (GlobMatch(bracket, std::string_view(&one, 1))) return one;
  }
  return 'x';
}

char TakeOne(std::string_view& pattern) {
  if (pattern[0] == '[') return TakeBracket(pattern);
  const bool escape = pattern[0] == '\\' && pattern.size() > 1;
  const char c = pattern[0] == '*' || pattern[0] == '?' ? 'x' : pattern[escape ? 1 : 0];
  pattern.remove_prefix(escape ? 2 : 1);
  return c;
}

}  // namespace

std::optional<std::string> SampleOf(std::string_view pattern) {
  std::string sample;
  for (std::string_view rest = pattern; !rest.empty();) sample += TakeOne(rest);
  return GlobMatch(pattern, sample) ? std::optional(sample) : std::nullopt;
}

std::string LiteralPrefix(std::string_view pattern) {
  std::string prefix;
  while (!pattern.empty() && pattern[0] != '*' && pattern[0] != '?' && pattern[0] != '[') {
    prefix += TakeOne(pattern);
  }
  return prefix;
}

}  // namespace streamgauge
