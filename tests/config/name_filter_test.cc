#include "config/name_filter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace streamgauge {
namespace {

struct GlobCase {
  std::string pattern;
  std::string text;
  bool matches;
  std::string why;
};

TEST(GlobMatchTest, FollowsTheSyntaxOfRedis) {
  const GlobCase rows[] = {
      {"", "", true, "nothing matches nothing"},
      {"", "a", false, "and only that"},
      {"*", "", true, "a star takes nothing"},
      {"*", "anything", true, "or everything"},
      {"**", "a", true, "two stars are one"},
      {"a*c", "abbbc", true, "in the middle"},
      {"a*c", "abbb", false, "the end is missing"},
      {"*abc", "abababc", true, "the star has to go on"},
      {"a*b*c", "a-b-b-c", true, "two stars"},
      {"?", "", false, "one character, no fewer"},
      {"?", "a", true, "exactly one"},
      {"?", "ab", false, "and no more"},
      {"orders:*", "orders:eu", true, "a prefix"},
      {"orders:*", "orders", false, "the colon belongs to it"},
      {"Orders", "orders", false, "case matters"},
      {"[abc]", "b", true, "one of a set"},
      {"[abc]", "d", false, "none of a set"},
      {"[^abc]", "d", true, "negated"},
      {"[^abc]", "a", false, "negated, and in it"},
      {"[a-c]x", "bx", true, "a range"},
      {"[c-a]x", "bx", true, "a range written backwards"},
      {"[a-c]", "d", false, "outside a range"},
      {"[\\]]", "]", true, "an escaped bracket in a set"},
      {"[\\-]", "-", true, "an escaped dash in a set"},
      {"\\*", "*", true, "an escaped star is a star"},
      {"\\*", "a", false, "and nothing else"},
      {"\\?", "?", true, "an escaped question mark"},
      {"\\[a]", "[a]", true, "an escaped bracket"},
      {"a\\", "a\\", true, "a backslash at the end is itself"},
      {"[a-]", "]", true, "a range up to the bracket, which is none then"},
      {"[a-]", "-", false, "so the dash is no member"},
      {"[abc", "b", true, "a set that is never closed runs to the end"},
      {"[", "a", false, "an empty set takes nothing"},
      {"[^", "a", true, "negated, everything"},
      {"*[0-9]", "job-7", true, "a set after a star"},
      {"__*", "__consumer_offsets", true, "Kafka's own topics"},
      {"\xff*", "\xff\x01", true, "names are bytes"},
  };
  for (const GlobCase& row : rows) {
    EXPECT_EQ(GlobMatch(row.pattern, row.text), row.matches)
        << row.pattern << " on " << row.text << ": " << row.why;
  }
}

TEST(GlobMatchTest, NoPatternExplodes) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  EXPECT_FALSE(GlobMatch(pattern + "b", std::string(10'000, 'a')))
      << "the naive recursion needs more steps than there are atoms";
}

// The grammar in its plainest form, by recursion: slow and evidently right.
bool Reference(std::string_view p, std::string_view t) {
  if (p.empty()) return t.empty();
  if (p[0] == '*') return Reference(p.substr(1), t) || (!t.empty() && Reference(p, t.substr(1)));
  if (t.empty()) return false;
  if (p[0] == '?') return Reference(p.substr(1), t.substr(1));
  if (p[0] == '\\' && p.size() > 1) return p[1] == t[0] && Reference(p.substr(2), t.substr(1));
  return p[0] == t[0] && Reference(p.substr(1), t.substr(1));
}

TEST(GlobMatchTest, AgreesWithThePlainGrammarOnRandomPatterns) {
  std::mt19937 random(20240607);
  const auto make = [&random](std::string_view alphabet, std::size_t most) {
    std::string text(random() % (most + 1), ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    return text;
  };
  int matched = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::string pattern = make("aab*?\\", 7);
    const std::string text = make("aab*", 7);
    ASSERT_EQ(GlobMatch(pattern, text), Reference(pattern, text)) << pattern << " on " << text;
    matched += GlobMatch(pattern, text) ? 1 : 0;
  }
  EXPECT_GT(matched, 1000) << "the comparison must have seen both answers";
}

TEST(NameFilterTest, IncludedByOnePatternAndExcludedByNone) {
  const NameFilter filter{{"orders:*", "billing"}, {"*:tmp", "*:test:*"}};
  EXPECT_TRUE(filter.Matches("orders:eu"));
  EXPECT_TRUE(filter.Matches("billing"));
  EXPECT_FALSE(filter.Matches("billing2"));
  EXPECT_FALSE(filter.Matches("orders:tmp"));
  EXPECT_FALSE(filter.Matches("orders:test:1"));
  EXPECT_TRUE(NameFilter{}.Matches("anything"));
}

TEST(NameFilterTest, ALiteralHasNoSpecialCharacter) {
  for (const auto* name : {"", "orders", "orders:{eu}.1-x]"}) EXPECT_TRUE(IsLiteral(name)) << name;
  for (const auto* glob : {"*", "a?", "[a]", "\\a"}) EXPECT_FALSE(IsLiteral(glob)) << glob;
}

}  // namespace
}  // namespace streamgauge
