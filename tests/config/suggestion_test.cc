#include "config/suggestion.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace streamgauge {
namespace {

TEST(SuggestionTest, TheNearestWordIsFoundAndOnlyANearOne) {
  const std::vector<std::string> known = {"address", "mode", "password", "password_file",
                                          "timeout"};
  const std::pair<std::string, std::optional<std::string>> rows[] = {
      {"adress", "address"},    // a letter dropped
      {"addresss", "address"},  // one too many
      {"adderss", "address"},   // two swapped
      {"Address", "address"},   // case
      {"password-file", "password_file"},
      {"passwort", "password"},
      {"mdoe", "mode"},  // short words: one edit
      {"code", "mode"},
      {"time", std::nullopt},  // three edits of four letters
      {"xyz", std::nullopt},
      {"", std::nullopt},
      {std::string(1000, 'a'), std::nullopt},
  };
  for (const auto& [word, nearest] : rows) EXPECT_EQ(NearestWord(word, known), nearest) << word;
}

TEST(SuggestionTest, WordsAreJoinedForASentence) {
  EXPECT_EQ(JoinWords({}), "");
  EXPECT_EQ(JoinWords({"a"}), "a");
  EXPECT_EQ(JoinWords({"a", "b"}), "a or b");
  EXPECT_EQ(JoinWords({"a", "b", "c"}), "a, b or c");
}

}  // namespace
}  // namespace streamgauge
