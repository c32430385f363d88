// The commands that `streamgauge check` prints, as somebody who pastes them would run them.
#pragma once

#include <string>
#include <vector>

namespace streamgauge::test {

// The words of each "grant:" in the text, in order: lines that end with " \" go on, quotes are
// those of a shell.
std::vector<std::vector<std::string>> PrintedGrants(const std::string& text);

}  // namespace streamgauge::test
