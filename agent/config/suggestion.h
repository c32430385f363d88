// "Did you mean": the nearest known word to one that nobody knows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamgauge {

// The word among `known` that is fewest edits (insert, drop, replace, swap of neighbours) away, if
// it is near enough to be what was meant: about a third of the word's length at most.
std::optional<std::string> NearestWord(std::string_view word,
                                       const std::vector<std::string>& known);

// "a, b or c"
std::string JoinWords(const std::vector<std::string>& words);

}  // namespace streamgauge
