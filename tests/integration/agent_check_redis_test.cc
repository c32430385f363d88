// `streamgauge check` on a real Redis and a real Valkey, for users who lack one right after the
// other: what it prints is run as it stands, and then nothing is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "preflight/check.h"
#include "redis/rights.h"
#include "sources.h"
#include "support/printed_grants.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/temp_dir.h"

namespace streamgauge {
namespace {

using test::RedisClient;
using test::RedisCommand;
using test::RedisKind;
using test::RedisServer;
using testing::HasSubstr;
using testing::Not;

class CheckRedis : public testing::TestWithParam<RedisKind> {
 protected:
  struct Printed {
    bool works = false;
    std::string text;
  };

  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(GetParam()), "a server: run tools/setup.sh test");
    server_ = std::make_unique<RedisServer>(test::RedisServerOptions{.kind = GetParam()});
    client_ = std::make_unique<RedisClient>(server_->port());
    redis_.addresses = {{.host = "127.0.0.1", .port = server_->port()}};
    redis_.username = "monitor";
    redis_.password = Secret::FromText("s3cret");
  }

  // A user that may do all that the table asks for, but for one word, on some keys.
  void CreateUser(const std::string& but = "", const std::vector<std::string>& keys = {"%R~*"}) {
    RedisCommand command = {"ACL", "SETUSER", "monitor", "reset", "on", ">s3cret", "-@all"};
    for (const Right& right : Rights()) {
      const std::string grant(GrantFor(right.request));
      if (grant != but) command.push_back(grant);
    }
    command.insert(command.end(), keys.begin(), keys.end());
    client_->Command(command);
  }

  Printed Check() {
    Config config;
    config.targets.resize(1);
    config.targets[0].name = "local";
    config.targets[0].timeout = std::chrono::seconds(3);
    config.targets[0].backbone = redis_;
    std::ostringstream out;
    const CheckOutcome outcome = RunCheck(config, MakeSource, std::chrono::seconds(30), out);
    EXPECT_FALSE(outcome.threads_left);
    EXPECT_THAT(out.str(), Not(HasSubstr("s3cret")));
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
    return {outcome.all_work, out.str()};
  }

  // Runs what was printed, word by word.
  void ApplyGrants(const Printed& printed) {
    for (const auto& words : test::PrintedGrants(printed.text)) client_->Command(words);
  }

  RedisTargetConfig redis_;
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<RedisClient> client_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, CheckRedis, testing::Values(RedisKind::kRedis, RedisKind::kValkey),
                         [](const auto& test) {
                           return test.param == RedisKind::kRedis ? "Redis" : "Valkey";
                         });

TEST_P(CheckRedis, EveryMissingCommandIsNamedAndWhatIsPrintedGrantsIt) {
  redis_.addresses[0].database = 1;
  redis_.stream_bytes = true;
  for (const Right& right : Rights()) {
    SCOPED_TRACE(right.command);
    if (!IsNeeded(right, redis_)) continue;  // by a cluster
    const std::string grant(GrantFor(right.request));
    CreateUser(grant);
    const Printed before = Check();
    EXPECT_EQ(before.works, right.need == Need::kFigures) << before.text;
    EXPECT_THAT(before.text, HasSubstr(std::string(right.command) + ": refused: "));
    const auto grants = test::PrintedGrants(before.text);
    ASSERT_EQ(grants.size(), 1U) << before.text;
    EXPECT_EQ(grants[0], (std::vector<std::string>{"ACL", "SETUSER", "monitor", grant}));
    ApplyGrants(before);
    const Printed after = Check();
    EXPECT_TRUE(after.works) << after.text;
    EXPECT_THAT(after.text, Not(HasSubstr("refused")));
  }
}

TEST_P(CheckRedis, EverythingAtOnceIsGrantedByWhatIsPrinted) {
  redis_.streams.include = {"orders:*", "with space *", "literal"};
  client_->Command({"ACL", "SETUSER", "monitor", "reset", "on", ">s3cret", "+info"});
  for (int round = 0; round < 3; ++round) {  // keys can only be tried once a command is allowed
    const Printed printed = Check();
    if (printed.works) break;
    ApplyGrants(printed);
  }
  const Printed printed = Check();
  EXPECT_TRUE(printed.works) << printed.text;
  EXPECT_THAT(printed.text, Not(HasSubstr("refused")));
}

TEST_P(CheckRedis, KeysThatMayNotBeReadAreNamedByTheirPattern) {
  redis_.streams.include = {"orders:*", "payments:*"};
  client_->Command({"XADD", "orders:eu", "*", "k", "v"});
  CreateUser("", {"%R~orders:*"});
  const Printed before = Check();
  EXPECT_FALSE(before.works) << "a pattern of which nothing can be read";
  EXPECT_THAT(before.text, HasSubstr("ok    read keys orders:*\n"));
  EXPECT_THAT(before.text, HasSubstr("grant:  ACL SETUSER monitor %R~payments:*\n"));
  ApplyGrants(before);
  EXPECT_TRUE(Check().works);
}

TEST_P(CheckRedis, OnAnEmptyServerNarrowKeysAreAWarning) {
  CreateUser("", {"%R~orders:*"});
  const Printed printed = Check();
  EXPECT_TRUE(printed.works) << "streams that come may be granted: " << printed.text;
  EXPECT_THAT(printed.text, HasSubstr("warn  read keys *: refused: "));
}

TEST_P(CheckRedis, SomeStreamsThatMayNotBeReadAreAWarning) {
  client_->Command({"XADD", "orders:eu", "*", "k", "v"});
  client_->Command({"XADD", "other", "*", "k", "v"});
  CreateUser("", {"%R~orders:*"});
  const Printed printed = Check();
  EXPECT_TRUE(printed.works);
  EXPECT_THAT(printed.text, HasSubstr("works, 1 warning"));
  EXPECT_THAT(printed.text, HasSubstr("1 of 2 streams that were tried"));
  EXPECT_THAT(printed.text, HasSubstr("left out      1 stream (unauthorized)"));
}

TEST_P(CheckRedis, WhatWouldBeExportedAndWhatItCostsIsTold) {
  CreateUser();
  for (const std::string stream : {"a", "b"}) {
    client_->Command({"XGROUP", "CREATE", stream, "g", "0", "MKSTREAM"});
    for (int i = 0; i < 10; ++i) client_->Command({"XADD", stream, "*", "k", "v"});
    client_->Command({"XREADGROUP", "GROUP", "g", "c", "COUNT", "4", "STREAMS", stream, ">"});
  }
  const Printed printed = Check();
  EXPECT_TRUE(printed.works) << printed.text;
  EXPECT_THAT(printed.text, HasSubstr("2 streams, 2 groups, 2 consumers: "));
  EXPECT_THAT(printed.text, HasSubstr("standalone, 1 node"));
  EXPECT_THAT(printed.text,
              testing::ContainsRegex("each poll     [0-9]+ requests in [0-9]+ round"));
  EXPECT_EQ(printed.text.find("warn"), std::string::npos) << printed.text;
}

TEST_P(CheckRedis, AUnixSocketAndItsDatabaseAreTriedAsAPortIs) {
  const test::TempDir folder;
  const std::string path = folder.path() / "redis.sock";
  server_ = std::make_unique<RedisServer>(test::RedisServerOptions{
      .kind = GetParam(), .arguments = {"--unixsocket", path, "--unixsocketperm", "700"}});
  client_ = std::make_unique<RedisClient>(server_->port());
  CreateUser("+select");
  redis_.addresses = {{.host = "", .port = 0, .database = 2, .socket = path}};
  client_->Command({"SELECT", "2"});
  client_->Command({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
  const Printed before = Check();
  EXPECT_FALSE(before.works);
  EXPECT_THAT(before.text, HasSubstr("local (redis, unix:"));
  EXPECT_THAT(before.text, HasSubstr("redis.sock/2): does not work"));
  ApplyGrants(before);
  const Printed after = Check();
  EXPECT_TRUE(after.works) << after.text;
  EXPECT_THAT(after.text, HasSubstr("1 stream, 1 group"));
  redis_.addresses[0].socket += ".gone";
  EXPECT_THAT(Check().text, HasSubstr("FAIL  connect: failed: unavailable: "));
}

TEST_P(CheckRedis, NothingIsChanged) {
  CreateUser();
  client_->Command({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
  client_->Command({"XADD", "s", "*", "k", "v"});
  const auto changes = [&] {
    const std::string info = client_->Command({"INFO", "persistence"}).text;
    const auto at = info.find("rdb_changes_since_last_save:");
    return info.substr(at, info.find('\r', at) - at);
  };
  const std::string before = changes();
  Check();
  EXPECT_EQ(changes(), before);
}

TEST_P(CheckRedis, AServerThatDoesNotAnswerEndsInTime) {
  CreateUser();
  server_->Pause();
  const auto started = std::chrono::steady_clock::now();
  const Printed printed = Check();
  server_->Resume();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(10));
  EXPECT_FALSE(printed.works);
  EXPECT_THAT(printed.text, HasSubstr("FAIL  connect: failed: timeout: "));
}

TEST_P(CheckRedis, ARefusedPasswordIsToldAndNotRepeated) {
  CreateUser();
  redis_.password = Secret::FromText("wr0ng");
  const Printed printed = Check();
  EXPECT_FALSE(printed.works);
  EXPECT_THAT(printed.text, HasSubstr("WRONGPASS"));
  EXPECT_THAT(printed.text, Not(HasSubstr("wr0ng")));
}

}  // namespace
}  // namespace streamgauge
