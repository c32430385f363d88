// A library that this program is made with, for --version. Every folder that wraps one has a
// `libraries.h` that names it; agent/libraries.h has all of them.
#pragma once

#include <string>
#include <vector>

namespace streamgauge {

struct Library {
  std::string name;     // as THIRD_PARTY.md has it
  std::string version;  // of the code that runs, where the library tells it; else of its headers
};
using Libraries = std::vector<Library>;

}  // namespace streamgauge
