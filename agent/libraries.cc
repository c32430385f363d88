#include "libraries.h"

#include <fmt/format.h>
#include <gnu/libc-version.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>

#include "config/libraries.h"
#include "http/libraries.h"
#include "kafka/libraries.h"
#include "log/libraries.h"
#include "metrics/libraries.h"
#include "redis/libraries.h"

namespace streamgauge {
namespace {

std::string FmtVersion() {
  return fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
}

}  // namespace

Libraries AllLibraries() {
  Libraries all = {{"CLI11", CLI11_VERSION},
                   {"fmt", FmtVersion()},
                   {"glibc", gnu_get_libc_version()},
                   {"libstdc++", fmt::format("{}", _GLIBCXX_RELEASE)}};
  for (auto* libraries : {ConfigLibraries, HttpLibraries, KafkaLibraries, LogLibraries,
                          MetricsLibraries, RedisLibraries}) {
    std::ranges::move(libraries(), std::back_inserter(all));
  }
  std::ranges::sort(all, {}, &Library::name);
  return all;
}

std::string Compiler() {
#ifdef __clang__
  return "clang++ " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

}  // namespace streamgauge
