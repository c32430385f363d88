// `streamgauge check` of targets that have several servers: which sentinel, which node lacks what,
// and what is printed is run there as it stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "log/log.h"
#include "preflight/check.h"
#include "redis/rights.h"
#include "sources.h"
#include "support/certificates.h"
#include "support/printed_grants.h"
#include "support/redis_cluster.h"
#include "support/redis_failover.h"
#include "support/redis_sentinel.h"
#include "support/redis_server.h"
#include "support/require.h"

namespace streamgauge {
namespace {

using test::RedisClient;
using test::RedisCommand;
using test::RedisKind;
using test::RedisSentinel;
using test::RedisServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPassword = "s3cret";

struct Printed {
  bool works = false;
  std::string text;
};

Printed Check(const RedisTargetConfig& redis) {
  Config config;
  config.targets.resize(1);
  config.targets[0].name = "orders";
  config.targets[0].timeout = std::chrono::seconds(3);
  config.targets[0].backbone = redis;
  std::ostringstream out;
  const CheckOutcome outcome = RunCheck(config, MakeSource, std::chrono::seconds(30), out);
  EXPECT_FALSE(outcome.threads_left);
  EXPECT_THAT(out.str(), Not(HasSubstr(kPassword)));
  return {outcome.all_work, out.str()};
}

// Runs what was printed, word by word, with the password put in.
void ApplyGrants(const Printed& printed, RedisClient client) {
  const auto grants = test::PrintedGrants(printed.text);
  EXPECT_FALSE(grants.empty()) << printed.text;
  for (RedisCommand words : grants) {
    std::ranges::replace(words, ">PASSWORD", ">" + std::string(kPassword));
    client.Command(words);
  }
}

std::string At(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

class CheckNodes : public testing::Test {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis),
                        "redis-server: run tools/setup.sh test");
    std::signal(SIGPIPE, SIG_IGN);  // as the agent does
    log::Init({.level = LogLevel::kError, .format = LogFormat::kText});
  }
};

// A primary that two sentinels name; a user of each kind.
class CheckSentinels : public CheckNodes {
 protected:
  void SetUp() override {
    CheckNodes::SetUp();
    primary_ = std::make_unique<RedisServer>();
    RedisClient client = primary_->Connect();
    client.Command({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
    client.Command({"ACL", "SETUSER", "agent", "on", ">" + std::string(kPassword), "~*", "+@all"});
    redis_.mode = RedisMode::kSentinel;
    for (int i = 0; i < 2; ++i) {
      sentinels_.push_back(std::make_unique<RedisSentinel>(test::RedisSentinelOptions{
          .master = "orders", .master_port = primary_->port(), .quorum = 9}));
      redis_.addresses.push_back({.host = "127.0.0.1", .port = sentinels_.back()->port()});
    }
    redis_.sentinel.master = "orders";
    redis_.sentinel.username = "watch";
    redis_.username = "agent";
    redis_.sentinel.password = redis_.password = Secret::FromText(kPassword);
    for (std::size_t i = 0; i < 2; ++i) CreateUser(i);
  }

  // A user of a sentinel who may do all that the table asks for, but for one word.
  void CreateUser(std::size_t sentinel, std::string_view but = "") {
    RedisCommand command = {
        "ACL", "SETUSER", "watch", "reset", "on", "-@all", ">" + std::string(kPassword)};
    for (const Right& right : SentinelRights()) {
      if (GrantFor(right.request) != but) command.emplace_back(GrantFor(right.request));
    }
    sentinels_[sentinel]->Connect().Command(command);
  }
  std::string Name(std::size_t sentinel) { return "sentinel " + At(sentinels_[sentinel]->port()); }

  std::unique_ptr<RedisServer> primary_;
  std::vector<std::unique_ptr<RedisSentinel>> sentinels_;
  RedisTargetConfig redis_;
};

TEST_F(CheckSentinels, WhatTheyNeedSuffices) {
  const Printed printed = Check(redis_);
  EXPECT_TRUE(printed.works) << printed.text;
  EXPECT_THAT(printed.text, HasSubstr("ok    SENTINEL GET-MASTER-ADDR-BY-NAME at every sentinel: " +
                                      At(primary_->port()) + "\n"));
  EXPECT_THAT(printed.text, AllOf(HasSubstr("ok    CLIENT SETNAME at every sentinel\n"),
                                  HasSubstr("ok    TIME\n"), Not(HasSubstr("warn"))));
  // Nothing else was tried in vain.
  for (const auto& sentinel : sentinels_) {
    EXPECT_TRUE(sentinel->Connect().Command({"ACL", "LOG"}).elements.empty());
  }
}

TEST_F(CheckSentinels, ARightThatOneOfThemDeniesIsAWarningAndGrantedThere) {
  for (const Right& right : SentinelRights()) {
    SCOPED_TRACE(right.command);
    const std::string grant(GrantFor(right.request));
    CreateUser(1, grant);
    const Printed before = Check(redis_);
    EXPECT_TRUE(before.works) << before.text;
    EXPECT_THAT(before.text, HasSubstr("warn  " + std::string(right.command) + " at " + Name(1) +
                                       ": refused: "));
    EXPECT_EQ(test::PrintedGrants(before.text),
              (std::vector<RedisCommand>{{"ACL", "SETUSER", "watch", grant}}));
    ApplyGrants(before, sentinels_[1]->Connect());
    EXPECT_THAT(Check(redis_).text, Not(HasSubstr("refused")));
  }
}

TEST_F(CheckSentinels, WithoutOneThatTellsThePrimaryTheTargetDoesNotWork) {
  for (std::size_t i = 0; i < 2; ++i) CreateUser(i, GrantFor(Request::kSentinel));
  const Printed before = Check(redis_);
  EXPECT_FALSE(before.works) << before.text;
  EXPECT_THAT(before.text, AllOf(HasSubstr("FAIL  SENTINEL GET-MASTER-ADDR-BY-NAME at every "
                                           "sentinel: refused: NOPERM"),
                                 Not(HasSubstr("poll:"))));
  for (const auto& sentinel : sentinels_) ApplyGrants(before, sentinel->Connect());
  EXPECT_TRUE(Check(redis_).works);
}

TEST_F(CheckSentinels, AUserWhomOneOfThemDoesNotKnowIsMadeByWhatIsPrinted) {
  sentinels_[0]->Connect().Command({"ACL", "DELUSER", "watch"});
  const Printed one = Check(redis_);
  EXPECT_TRUE(one.works) << one.text;
  EXPECT_THAT(one.text, HasSubstr("warn  connect at " + Name(0) + ": refused: "));
  sentinels_[1]->Connect().Command({"ACL", "DELUSER", "watch"});
  const Printed all = Check(redis_);
  EXPECT_FALSE(all.works);
  EXPECT_THAT(all.text, AllOf(HasSubstr("FAIL  connect at every sentinel: refused: "),
                              HasSubstr("WRONGPASS"), HasSubstr("section sentinel")));
  for (const auto& sentinel : sentinels_) ApplyGrants(all, sentinel->Connect());
  const Printed made = Check(redis_);
  EXPECT_TRUE(made.works) << made.text;
  EXPECT_THAT(made.text, Not(HasSubstr("refused")));
}

TEST_F(CheckSentinels, ANameThatTheyDoNotKnowIsTheirAnswer) {
  redis_.sentinel.master = "order";
  const Printed printed = Check(redis_);
  EXPECT_FALSE(printed.works);
  EXPECT_THAT(printed.text, AllOf(HasSubstr("FAIL  SENTINEL GET-MASTER-ADDR-BY-NAME at every "
                                            "sentinel: failed: it does not know a primary"),
                                  HasSubstr("\"order\"")));
}

TEST_F(CheckSentinels, OneThatIsGoneIsNamed) {
  sentinels_[0]->Kill();
  const Printed printed = Check(redis_);
  EXPECT_TRUE(printed.works) << printed.text;
  EXPECT_THAT(printed.text, HasSubstr("warn  connect at " + Name(0) + ": failed: unavailable: "));
  EXPECT_THAT(printed.text, HasSubstr("when the other sentinels do not answer"));
  EXPECT_THAT(printed.text, HasSubstr("ok    CLIENT SETNAME at the other sentinels\n"));
}

TEST_F(CheckSentinels, TlsThatTheAddressDoesNotSayIsSeenThrough) {
  STREAMGAUGE_REQUIRE(test::CertificateAuthority::Available(), "openssl");
  const test::CertificateAuthority authority("authority");
  const auto own = authority.Issue("own");
  const RedisSentinel secured(
      {.master = "orders",
       .master_port = primary_->port(),
       .quorum = 9,
       .tls_port = true,
       .more = test::AsConfiguration({"--tls-ca-cert-file", authority.cert(), "--tls-cert-file",
                                      own.cert, "--tls-key-file", own.key})});
  redis_.addresses = {{.host = "127.0.0.1", .port = secured.tls_port()}};
  const Printed printed = Check(redis_);
  EXPECT_FALSE(printed.works);
  EXPECT_THAT(printed.text, AllOf(HasSubstr("FAIL  connect at sentinel " + At(secured.tls_port())),
                                  HasSubstr("rediss://")));
}

TEST_F(CheckSentinels, WhatThePrimaryDeniesIsToldApartFromThem) {
  primary_->Connect().Command({"ACL", "SETUSER", "agent", "-xpending"});
  const Printed before = Check(redis_);
  EXPECT_TRUE(before.works);
  EXPECT_THAT(before.text, HasSubstr("warn  XPENDING at " + At(primary_->port()) + ": refused: "));
  ApplyGrants(before, primary_->Connect());
  EXPECT_THAT(Check(redis_).text, Not(HasSubstr("refused")));
}

TEST_F(CheckSentinels, APrimaryThatDoesNotKnowTheUserIsTold) {
  primary_->Connect().Command({"ACL", "DELUSER", "agent"});
  const Printed before = Check(redis_);
  EXPECT_FALSE(before.works);
  EXPECT_THAT(before.text,
              AllOf(HasSubstr("FAIL  connect at " + At(primary_->port())),
                    HasSubstr("ok    SENTINEL GET-MASTER-ADDR-BY-NAME"), Not(HasSubstr("poll:"))));
  ApplyGrants(before, primary_->Connect());
  const Printed after = Check(redis_);
  EXPECT_TRUE(after.works) << after.text;
  EXPECT_THAT(after.text, Not(HasSubstr("refused")));
}

TEST_F(CheckNodes, AClustersNodeThatDoesNotKnowTheUserIsNamedAndMendedThere) {
  test::RedisCluster cluster({.primaries = 3});
  RedisTargetConfig redis;
  redis.mode = RedisMode::kCluster;
  redis.addresses = {{.host = "127.0.0.1", .port = cluster.node(0).port()}};
  redis.username = "agent";
  redis.password = Secret::FromText(kPassword);
  for (std::size_t i = 0; i < 3; ++i) {
    cluster.Command({"XADD", cluster.KeyOn(i, "orders:"), "*", "f", "v"});
    cluster.client(i).Command(
        {"ACL", "SETUSER", "agent", "on", ">" + std::string(kPassword), "~*", "+@all"});
  }
  cluster.client(2).Command({"ACL", "DELUSER", "agent"});
  const Printed one = Check(redis);
  EXPECT_FALSE(one.works) << "a third of the streams would be absent";
  EXPECT_THAT(one.text,
              AllOf(HasSubstr("FAIL  connect at " + At(cluster.node(2).port()) + ": refused: "),
                    HasSubstr("every stream of this server"), HasSubstr("ok    TIME\n")));
  ApplyGrants(one, cluster.node(2).Connect());
  const Printed mended = Check(redis);
  EXPECT_TRUE(mended.works) << mended.text;
  EXPECT_THAT(mended.text, AllOf(HasSubstr("3 streams"), Not(HasSubstr("refused"))));

  for (std::size_t i = 0; i < 3; ++i) cluster.client(i).Command({"ACL", "DELUSER", "agent"});
  const Printed none = Check(redis);
  EXPECT_FALSE(none.works);
  for (std::size_t i = 0; i < 3; ++i) ApplyGrants(none, cluster.node(i).Connect());
  EXPECT_TRUE(Check(redis).works);
}

}  // namespace
}  // namespace streamgauge
