#include "config/name_filter.h"

#include <algorithm>

namespace streamgauge {
namespace {

// One element of a pattern: a character, an escaped character, `?` or a bracket expression.
struct Element {
  std::size_t length = 1;  // how much of the pattern it takes
  bool matches = false;
};

// REQUIRES: pattern[0] == '['. As in Redis to the letter (stringmatchlen in util.c): an expression
// without its closing bracket runs to the end, a range takes whatever stands after its dash, and
// bytes compare as signed.
Element MatchBracket(std::string_view pattern, char c) {
  std::size_t i = 1;
  const bool negated = i < pattern.size() && pattern[i] == '^';
  if (negated) ++i;
  bool found = false;
  for (; i < pattern.size() && pattern[i] != ']'; ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      ++i;
      found |= pattern[i] == c;
    } else if (i + 2 < pattern.size() && pattern[i + 1] == '-') {
      const auto low = static_cast<signed char>(pattern[i]);
      const auto high = static_cast<signed char>(pattern[i + 2]);
      const auto value = static_cast<signed char>(c);
      found |= std::min(low, high) <= value && value <= std::max(low, high);
      i += 2;
    } else {
      found |= pattern[i] == c;
    }
  }
  return {std::min(i + 1, pattern.size()), found != negated};
}

// REQUIRES: pattern is not empty and does not start with '*'.
Element MatchOne(std::string_view pattern, char c) {
  switch (pattern[0]) {
    case '?':
      return {1, true};
    case '[':
      return MatchBracket(pattern, c);
    case '\\':
      if (pattern.size() > 1) return {2, pattern[1] == c};
      [[fallthrough]];
    default:
      return {1, pattern[0] == c};
  }
}

}  // namespace

bool GlobMatch(std::string_view pattern, std::string_view text) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = kNone;  // the place after the last '*'; only this one is ever retried
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_text = t;
      continue;
    }
    if (p < pattern.size()) {
      if (const Element element = MatchOne(pattern.substr(p), text[t]); element.matches) {
        p += element.length;
        ++t;
        continue;
      }
    }
    if (star == kNone) return false;
    p = star;
    t = ++star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool IsLiteral(std::string_view pattern) {
  return pattern.find_first_of("*?[\\") == std::string_view::npos;
}

bool NameFilter::Matches(std::string_view name) const {
  const auto matches = [name](const std::string& pattern) { return GlobMatch(pattern, name); };
  return std::ranges::any_of(include, matches) && std::ranges::none_of(exclude, matches);
}

}  // namespace streamgauge
