#include "faults/shifted_clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "faults/preload.h"

namespace streamgauge::test {
namespace {

constexpr const char* kFile = "shift";

}  // namespace

ShiftedClock::ShiftedClock() {
  const auto file = folder_.Write(kFile, std::string(sizeof(std::int64_t), '\0'));
  const int fd = open(file.c_str(), O_RDWR | O_CLOEXEC);
  void* mapped =
      fd < 0 ? MAP_FAILED
             : mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fd >= 0) close(fd);
  if (mapped == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "a clock");
  shift_ms_ = static_cast<std::int64_t*>(mapped);
  ahead_.Note(WallMoment::min(), std::chrono::milliseconds(0));
}

ShiftedClock::~ShiftedClock() { munmap(shift_ms_, sizeof(std::int64_t)); }

std::map<std::string, std::string> ShiftedClock::Environment() const {
  auto environment = Preloaded(STREAMGAUGE_SHIFTED_CLOCK);
  environment["SHIFTED_CLOCK_FILE"] = folder_.path() / kFile;
  return environment;
}

void ShiftedClock::SetAhead(std::chrono::milliseconds ahead) {
  const WallMoment sent = WallClock::now();
  __atomic_store_n(shift_ms_, ahead.count(), __ATOMIC_SEQ_CST);
  ahead_.Note(sent, ahead);
}

WallMoment ShiftedClock::RealMomentOf(WallMoment shown, WallMoment now) const {
  std::optional<WallMoment> latest;
  for (const auto& span : ahead_.Between(WallMoment::min(), now)) {
    const WallMoment real = shown - span.state;
    if (real < span.from || real > std::min(span.until, now)) continue;
    if (!latest || real > *latest) latest = real;
  }
  return latest.value_or(shown);
}

}  // namespace streamgauge::test
