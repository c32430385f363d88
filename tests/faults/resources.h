// What a process holds at a moment, as the kernel tells.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace streamgauge::test {

struct Resources {
  std::size_t rss_kib = 0;
  std::size_t threads = 0;
  std::size_t descriptors = 0;
  double cpu_seconds = 0;  // used since it began
};

// Throws std::runtime_error when there is no such process.
Resources ResourcesOf(pid_t pid);

}  // namespace streamgauge::test
