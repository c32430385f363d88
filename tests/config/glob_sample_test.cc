#include "config/glob_sample.h"

#include <gtest/gtest.h>

#include "config/name_filter.h"

namespace streamgauge {
namespace {

TEST(GlobSample, IsMatchedByThePattern) {
  struct Row {
    const char* pattern;
    const char* sample;
    const char* prefix;
  };
  const Row rows[] = {
      {"orders", "orders", "orders"},
      {"orders:*", "orders:x", "orders:"},
      {"*", "x", ""},
      {"a?c", "axc", "a"},
      {"s[0-3]:*", "s3:x", "s"},
      {"[^a]b", "~b", ""},
      {"\\*literal\\?", "*literal?", "*literal?"},
      {"ends\\", "ends\\", "ends\\"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(SampleOf(row.pattern), row.sample);
    EXPECT_TRUE(GlobMatch(row.pattern, row.sample)) << row.pattern;
    EXPECT_EQ(LiteralPrefix(row.pattern), row.prefix);
  }
}

TEST(GlobSample, IsAbsentWhereNothingMatches) {
  EXPECT_EQ(SampleOf("[]x"), std::nullopt) << "an empty choice";
}

}  // namespace
}  // namespace streamgauge
