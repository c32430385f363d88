// A file in the repository that a test compares with what the code makes. To accept what it makes
// now: UPDATE_GOLDEN=1 build/metrics_test, then look at the difference in git.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "build_paths.h"
#include "support/temp_dir.h"

namespace streamgauge::test {

// `path` is relative to the repository.
inline void ExpectGolden(const std::string& path, const std::string& made) {
  const std::filesystem::path file = build_paths::Source() / path;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << made;
    return;
  }
  std::istringstream wanted(ReadFile(file));
  std::istringstream got(made);
  for (int number = 1; wanted || got; ++number) {
    std::string wanted_line;
    std::string got_line;
    std::getline(wanted, wanted_line);
    std::getline(got, got_line);
    // The first difference is enough: git shows the others.
    ASSERT_EQ(wanted_line, got_line)
        << path << ':' << number
        << " is not what the code makes; if the code is right: UPDATE_GOLDEN=1 metrics_test";
  }
}

}  // namespace streamgauge::test
