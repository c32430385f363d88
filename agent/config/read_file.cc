#include "config/read_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace streamgauge {

std::expected<std::string, std::string> ReadFile(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return std::unexpected("it is a directory");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::unexpected(std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
  // An empty file sets failbit on `content`, not on `stream`: that is no error.
  std::ostringstream content;
  content << stream.rdbuf();
  if (stream.bad()) return std::unexpected("reading it failed half way");
  return std::move(content).str();
}

}  // namespace streamgauge
