#include "fuzz/kept_inputs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "build_paths.h"

namespace streamgauge::test {

void RunKeptInputs(const std::string& name, void (*fuzz)(std::string_view input)) {
  const auto folder = build_paths::Source() / "tests" / "fuzz" / "corpus" / name;
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry);
  }
  std::ranges::sort(files);
  EXPECT_FALSE(files.empty()) << "no inputs in " << folder;
  fuzz("");
  for (const auto& file : files) {
    std::cerr << file.filename().string() << std::endl;
    std::ifstream stream(file, std::ios::binary);
    const std::string input((std::istreambuf_iterator<char>(stream)), {});
    fuzz(input);
  }
}

}  // namespace streamgauge::test
