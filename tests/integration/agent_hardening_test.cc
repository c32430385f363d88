// What makes a mistake in memory end the process instead of something worse, looked for in the
// finished binary: an option that is lost on the way to the compiler or the linker shows nowhere
// else. Sanitizers' builds have none of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "build_paths.h"
#include "support/process.h"

namespace streamgauge::test {
namespace {

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::string Binutils(std::vector<std::string> argv) {
  argv.push_back(build_paths::AgentBinary());
  const Finished finished = RunToEnd({.argv = std::move(argv), .env = {}, .cwd = {}});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  return finished.out;
}

TEST(Hardening, ItIsLoadedAnywhereInMemory) {
  EXPECT_THAT(Binutils({"readelf", "-hW"}), ContainsRegex("Type: +DYN"));
  EXPECT_THAT(Binutils({"readelf", "-dW"}), ContainsRegex("FLAGS_1.*PIE"));
}

TEST(Hardening, WhatTheLoaderHasFilledInIsReadOnly) {
  EXPECT_THAT(Binutils({"readelf", "-lW"}), HasSubstr("GNU_RELRO"));
  EXPECT_THAT(Binutils({"readelf", "-dW"}), HasSubstr("BIND_NOW"));
}

TEST(Hardening, NoMemoryIsWritableAndExecutable) {
  const std::string segments = Binutils({"readelf", "-lW"});
  EXPECT_THAT(segments, ContainsRegex("GNU_STACK .* RW +0x"));
  EXPECT_THAT(segments, Not(HasSubstr(" RWE ")));
}

// Ours and the libraries' that are built along.
TEST(Hardening, TheStackAndBuffersAreGuarded) {
  const std::string symbols = Binutils({"nm", "-D", "--undefined-only"});
  EXPECT_THAT(symbols, HasSubstr(" __stack_chk_fail"));
  EXPECT_THAT(symbols, HasSubstr(" __memcpy_chk"));
}

TEST(Hardening, StandardContainersCheckTheirBounds) {
  EXPECT_THAT(Binutils({"nm", "-D", "--undefined-only"}), HasSubstr("__glibcxx_assert_fail"));
}

#ifdef __x86_64__
// The loader turns it on only where the distribution's own start-up code has the mark as well,
// which Debian 12's has not.
TEST(Hardening, IndirectJumpsHaveMarkedTargets) {
  EXPECT_THAT(Binutils({"objdump", "-d", "--disassemble=main"}),
              ContainsRegex("<main>:\n[^\n]*endbr64"));
  EXPECT_THAT(Binutils({"objdump", "-d", "--disassemble=rd_kafka_poll"}),
              ContainsRegex("<rd_kafka_poll>:\n[^\n]*endbr64"));
}
#endif

#endif

}  // namespace
}  // namespace streamgauge::test
