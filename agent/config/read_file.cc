#include "config/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace streamgauge {
namespace {

// Larger than any authority's bundle, and small enough to be read and thrown away.
constexpr std::size_t kMostBytes = std::size_t{16} << 20;

std::string LastProblem() { return std::strerror(errno); }  // NOLINT(concurrency-mt-unsafe)

class OpenFile {
 public:
  // A pipe is opened without waiting for somebody to write to it.
  explicit OpenFile(const std::filesystem::path& file)
      : descriptor_(open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

std::expected<std::string, std::string> ReadFile(const std::filesystem::path& file) {
  const OpenFile source(file);
  struct stat status = {};
  if (source.descriptor() < 0 || fstat(source.descriptor(), &status) != 0) {
    return std::unexpected(LastProblem());
  }
  if (S_ISDIR(status.st_mode)) return std::unexpected("it is a directory");
  // Pipes and devices may have nothing to say for ever, or no end.
  if (!S_ISREG(status.st_mode)) return std::unexpected("it is no regular file");
  std::string content;
  std::array<char, std::size_t{16} << 10> piece;
  for (;;) {
    const ssize_t count = read(source.descriptor(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(LastProblem());
    if (count == 0) return content;
    content.append(piece.data(), static_cast<std::size_t>(count));
    if (content.size() > kMostBytes) return std::unexpected("it is larger than 16 MiB");
  }
}

}  // namespace streamgauge
