// A folder of a test's own below the system's temporary folder; goes with everything in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace streamgauge::test {

class TempDir {
 public:
  // Throws std::system_error when the folder cannot be made.
  explicit TempDir(std::string_view purpose = "test");
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // Writes a file in the folder and returns its path. Existing content is replaced.
  std::filesystem::path Write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

// The whole file, or "" when it cannot be read.
std::string ReadFile(const std::filesystem::path& path);

}  // namespace streamgauge::test
