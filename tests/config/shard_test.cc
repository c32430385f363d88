#include "config/shard.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace streamgauge {
namespace {

struct Placed {
  std::string name;
  std::uint32_t total;
  std::uint32_t shard;
};

// Agents of different versions may split the work for a while: these must never change. They come
// from another implementation of the same two functions, which was held against published vectors.
TEST(ShardTest, ANameKeepsItsShardForEver) {
  const std::vector<Placed> table = {
      {"", 2, 1},          {"", 1000, 266},    {"a", 3, 2},           {"a", 1000, 163},
      {"foobar", 2, 1},    {"foobar", 10, 5},  {"foobar", 1000, 635}, {"orders", 3, 0},
      {"orders", 10, 7},   {"payments", 2, 0}, {"orders:1", 10, 3},   {"orders:2", 3, 2},
      {"\xff", 1000, 602},  // bytes, not characters
  };
  for (const Placed& row : table) {
    EXPECT_EQ(ShardOf(row.name, row.total), row.shard) << '"' << row.name << "\" of " << row.total;
  }
}

TEST(ShardTest, OneShardOwnsEverything) {
  EXPECT_TRUE(Shard{}.Owns("orders"));
  EXPECT_TRUE(Shard{}.Owns(""));
}

std::string Nth(int i) { return "orders:" + std::to_string(i); }

TEST(ShardTest, EveryNameHasOneOwnerAndTheSharesAreAlike) {
  constexpr int kNames = 9000;
  constexpr std::uint32_t kTotal = 3;
  std::vector<int> owned(kTotal);
  for (int i = 0; i < kNames; ++i) {
    int owners = 0;
    for (std::uint32_t index = 0; index < kTotal; ++index) {
      if (!Shard{index, kTotal}.Owns(Nth(i))) continue;
      ++owned[index];
      ++owners;
    }
    EXPECT_EQ(owners, 1) << Nth(i);
  }
  for (const int names : owned) EXPECT_NEAR(names, 3000, 150);
}

TEST(ShardTest, OneMoreShardTakesItsShareAndMovesNothingElse) {
  int moved = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::uint32_t before = ShardOf(Nth(i), 3);
    const std::uint32_t after = ShardOf(Nth(i), 4);
    if (before == after) continue;
    EXPECT_EQ(after, 3U) << Nth(i) << " may only move to the new shard";
    ++moved;
  }
  EXPECT_NEAR(moved, 1000, 100);
}

TEST(ShardTest, AnIndexIsANumberOrTheOrdinalOfAPodsName) {
  EXPECT_EQ(ParseShardIndex("0"), 0U);
  EXPECT_EQ(ParseShardIndex("12"), 12U);
  EXPECT_EQ(ParseShardIndex("streamgauge-2"), 2U);
  EXPECT_EQ(ParseShardIndex("my-streamgauge-10"), 10U);
  for (const auto* text : {"", "-1", "-", "x", "x-", "x-y", "x-1y", "streamgauge2", "1.5", "+1",
                           "x-99999999999", " 1"}) {
    EXPECT_EQ(ParseShardIndex(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace streamgauge
