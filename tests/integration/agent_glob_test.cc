// Our globs against those of a real Redis: what SCAN would find there and what the filters take
// here must be the same.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "config/name_filter.h"
#include "support/redis_server.h"
#include "support/require.h"

namespace streamgauge::test {
namespace {

std::string RandomText(std::mt19937& random, std::string_view alphabet, std::size_t most) {
  std::string text(1 + random() % most, ' ');
  for (char& c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

TEST(GlobAgainstRedisTest, RandomPatternsFindTheSameKeys) {
  STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis), "redis-server");
  RedisServer redis;
  RedisClient client = redis.Connect();
  std::mt19937 random(20240607);

  std::set<std::string> keys;
  std::vector<RedisCommand> writes;
  while (keys.size() < 400) keys.insert(RandomText(random, "aabc-]^\\\x80\xff", 5));
  for (const std::string& key : keys) writes.push_back({"SET", key, ""});
  client.Pipeline(writes);

  std::size_t found = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<RedisCommand> queries;
    for (int i = 0; i < 250; ++i) {
      queries.push_back({"KEYS", RandomText(random, "aabc[[]]^--**?\\\x80\xff", 9)});
    }
    const std::vector<RedisReply> replies = client.Pipeline(queries);
    for (std::size_t i = 0; i < queries.size(); ++i) {
      std::set<std::string> theirs;
      for (const RedisReply& key : replies[i].elements) theirs.insert(key.text);
      std::set<std::string> ours;
      for (const std::string& key : keys) {
        if (GlobMatch(queries[i][1], key)) ours.insert(key);
      }
      ASSERT_EQ(ours, theirs) << "pattern " << testing::PrintToString(queries[i][1]);
      found += ours.size();
    }
  }
  EXPECT_GT(found, 10'000U) << "the patterns must find something";
}

}  // namespace
}  // namespace streamgauge::test
