#include "redis/rights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "build_paths.h"
#include "support/temp_dir.h"

namespace streamgauge {
namespace {

using testing::HasSubstr;

std::string Document() { return test::ReadFile(build_paths::Source() / "docs/redis.md"); }

TEST(RedisRights, TheDocumentTellsEachOneAndWhatIsLostWithoutIt) {
  std::string table = "| command | rule | without it |\n|---|---|---|\n";
  for (const Right& right : Rights()) {
    std::string rule(GrantFor(right.request));
    // A table's cell would end at the rule's own bar.
    if (const auto bar = rule.find('|'); bar != std::string::npos) rule.insert(bar, "\\");
    table += "| `" + std::string(right.command) + "` | `" + rule + "` | ";
    if (right.need == Need::kTarget) table += "**the target is down**; ";
    table += std::string(right.lost) + " |\n";
  }
  EXPECT_THAT(Document(), HasSubstr(table));
}

TEST(RedisRights, TheDocumentedRuleGrantsWhatEveryTargetNeedsAndNoMore) {
  const std::string document = Document();
  const std::size_t at = document.find("ACL SETUSER streamgauge ");
  ASSERT_NE(at, std::string::npos);
  std::istringstream words(document.substr(at, document.find('\n', at) - at));
  std::set<std::string> granted;
  for (std::string word; words >> word;) {
    if (word.starts_with('+')) granted.insert(word);
  }
  std::set<std::string> needed;
  RedisTargetConfig usual;
  usual.addresses.resize(1);
  for (const Right& right : Rights()) {
    if (IsNeeded(right, usual)) needed.insert(std::string(GrantFor(right.request)));
  }
  EXPECT_EQ(granted, needed);
}

TEST(RedisRights, OnlyWhatTheConfigurationGivesReasonToAskIsNeeded) {
  RedisTargetConfig config;
  config.addresses.resize(1);
  const auto needs = [&](Request request) {
    for (const Right& right : Rights()) {
      if (right.request == request) return IsNeeded(right, config);
    }
    ADD_FAILURE() << ToString(request);
    return false;
  };
  EXPECT_TRUE(needs(Request::kScan)) << "streams: [*]";
  EXPECT_FALSE(needs(Request::kSelect));
  EXPECT_FALSE(needs(Request::kMemoryUsage));
  config.streams.include = {"orders", "payments"};
  config.addresses[0].database = 2;
  config.stream_bytes = true;
  EXPECT_FALSE(needs(Request::kScan)) << "literal names need none";
  EXPECT_TRUE(needs(Request::kSelect));
  EXPECT_TRUE(needs(Request::kMemoryUsage));
}

TEST(RedisRights, WordsAreQuotedAsRedisCliTakesThem) {
  struct Row {
    const char* word;
    const char* quoted;
  };
  for (const Row& row : {Row{"+xinfo|groups", "+xinfo|groups"}, Row{"%R~orders:*", "%R~orders:*"},
                         Row{"a b", "\"a b\""}, Row{"a\"b", "\"a\\\"b\""}, Row{"\\*", "\"\\\\*\""},
                         Row{"\x01\xff", "\"\\x01\\xff\""}}) {
    EXPECT_EQ(QuotedForCli(row.word), row.quoted);
  }
}

}  // namespace
}  // namespace streamgauge
