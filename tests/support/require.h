// What a test needs from the machine. A missing server skips the test with a reason, so that a
// developer can work without it; where CI=true it fails, so that nothing is skipped unnoticed.
// For SetUp and test bodies.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

namespace streamgauge::test {

inline bool SkippingFails() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string_view(ci) == "true";
}

}  // namespace streamgauge::test

// STREAMGAUGE_REQUIRE(RedisServer::Available(kind), "valkey-server: run tools/setup.sh test");
#define STREAMGAUGE_REQUIRE(condition, what)                                                   \
  do {                                                                                         \
    if (!(condition)) {                                                                        \
      if (::streamgauge::test::SkippingFails()) FAIL() << "missing (and CI=true): " << (what); \
      GTEST_SKIP() << "SKIPPED, missing: " << (what);                                          \
    }                                                                                          \
  } while (false)
