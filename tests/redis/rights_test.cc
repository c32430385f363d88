#include "redis/rights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

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

TEST(RedisRights, TheDocumentedRuleOfSentinelsIsWhatIsTried) {
  std::string words;
  for (const std::string& word : NeededWordsOfSentinel())
    words += (words.empty() ? "" : " ") + word;
  EXPECT_THAT(Document(), HasSubstr("`" + words + "`"));
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

// Answers each request with an error, or with nil.
class ScriptedConnection : public Connection {
 public:
  std::map<Request, std::string> errors;

  Result<void> Exchange(const CommandBatch& batch, const ReplyHandler& handle,
                        std::stop_token) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      ReplyTape tape;
      tape.set_keep_depth(1);
      const auto error = errors.find(batch.request(i));
      if (error == errors.end()) {
        tape.AppendNil();
      } else {
        tape.AppendText(ReplyKind::kError, error->second);
      }
      handle(i, Reply(tape, 0));
    }
    return {};
  }
};

TEST(RedisRights, AnAnswerIsReadAsWhatItSaysOfTheRight) {
  struct Row {
    const char* answer;
    Access command;
    Access keys;
    const char* why;
  };
  const Row rows[] = {
      {"ERR no such key", Access::kWorks, Access::kWorks, "told to who may ask"},
      {"WRONGTYPE Operation against a key", Access::kWorks, Access::kWorks, "likewise"},
      {"MOVED 1 10.0.0.1:6379", Access::kWorks, Access::kWorks, "rights are looked at before"},
      {"NOPERM No permissions to access a key", Access::kWorks, Access::kRefused, "the key's"},
      {"NOPERM User m has no permissions to run the 'xinfo|groups' command", Access::kRefused,
       Access::kWorks, "keys are then tried by another command"},
      {"ERR unknown command 'XINFO'", Access::kUnsupported, Access::kWorks, "renamed, or old"},
      {"LOADING Redis is loading the dataset in memory", Access::kFailed, Access::kWorks,
       "neither: and keys are then tried by another command"},
  };
  RedisTargetConfig config;
  config.addresses.resize(1);
  for (const Row& row : rows) {
    ScriptedConnection connection;
    connection.errors[Request::kXinfoGroups] = row.answer;
    const auto report = TryRights(connection, {.config = config, .names = {}}, {});
    ASSERT_TRUE(report);
    for (const AccessCheck& check : report->checks) {
      if (check.what == "XINFO GROUPS") {
        EXPECT_EQ(check.access, row.command) << row.why;
      } else if (check.what == "read") {
        EXPECT_EQ(check.access, row.keys) << row.why;
      }
    }
  }
}

TEST(RedisRights, KeysAreTriedByACommandThatIsAllowed) {
  ScriptedConnection connection;
  for (const Request request : {Request::kXinfoGroups, Request::kXinfoStream}) {
    connection.errors[request] = "NOPERM User m has no permissions to run the 'xinfo' command";
  }
  RedisTargetConfig config;
  config.addresses.resize(1);
  const auto report = TryRights(connection, {.config = config, .names = {}}, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->checks.back().access, Access::kWorks);
  connection.errors[Request::kXlen] = "NOPERM User m has no permissions to run the 'xlen' command";
  const auto none = TryRights(connection, {.config = config, .names = {}}, {});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->checks.back().access, Access::kUntried);
  EXPECT_THAT(none->checks.back().detail, HasSubstr("once XINFO GROUPS is allowed"));
  EXPECT_EQ(
      none->grants,
      (std::vector<AccessGrant>{{"", "ACL SETUSER default +xinfo|stream +xinfo|groups +xlen"}}));
}

}  // namespace
}  // namespace streamgauge
