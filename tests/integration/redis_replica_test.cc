// A replica in the place of a primary: it is refused, as what it says may be old and it does not
// know when consumers last asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>

#include "log/log.h"
#include "redis/redis_source.h"
#include "support/redis_cluster.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class RedisReplica : public testing::TestWithParam<RedisKind> {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(GetParam()), "a server: run tools/setup.sh test");
    std::signal(SIGPIPE, SIG_IGN);  // as the agent does
    log::Init({.level = LogLevel::kError, .format = LogFormat::kText});
    const RedisServerOptions options{.kind = GetParam(),
                                     .arguments = {"--repl-diskless-sync-delay", "0"}};
    primary_.emplace(options);
    other_.emplace(options);
    RedisClient client = primary_->Connect();
    client.Command({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
    for (int i = 0; i < 5; ++i) client.Command({"XADD", "s", "*", "f", "v"});
    config_.addresses = {{"127.0.0.1", other_->port(), 0}};
  }
  void Demote(RedisServer& server, const RedisServer& primary) {
    server.Connect().Command({"REPLICAOF", "127.0.0.1", std::to_string(primary.port())});
    ASSERT_TRUE(WaitFor(
        [&] {
          const std::string info = server.Connect().Command({"INFO", "replication"}).text;
          return InfoField(info, "master_link_status") == "up";
        },
        seconds(20)));
  }
  std::unique_ptr<Source> Make() {
    return MakeRedisSource("test", config_, {.timeout = seconds(5)});
  }

  std::optional<RedisServer> primary_;
  std::optional<RedisServer> other_;
  RedisTargetConfig config_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, RedisReplica,
                         testing::Values(RedisKind::kRedis, RedisKind::kValkey),
                         [](const auto& test) {
                           return test.param == RedisKind::kRedis ? "Redis" : "Valkey";
                         });

TEST_P(RedisReplica, IsRefusedAndItsPrimaryNamed) {
  Demote(*other_, *primary_);
  const auto source = Make();
  for (int poll = 0; poll < 2; ++poll) {
    const auto reading = source->Poll({});
    ASSERT_FALSE(reading);
    EXPECT_EQ(reading.error().reason, Reason::kUnsupported);
    EXPECT_THAT(reading.error().message,
                HasSubstr("is a replica (of " + primary_->address() + ", link up)"));
  }
}

TEST_P(RedisReplica, IsReadFromItsPromotionOn) {
  Demote(*other_, *primary_);
  const auto source = Make();
  ASSERT_FALSE(source->Poll({}));
  other_->Connect().Command({"REPLICAOF", "NO", "ONE"});
  const auto reading = source->Poll({});
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->groups.at(0).lag, 5u);
}

TEST_P(RedisReplica, ThatWasAPrimaryIsNotReadOnThoughTheConnectionIsOpen) {
  const auto source = Make();
  ASSERT_TRUE(source->Poll({}));
  Demote(*other_, *primary_);
  const auto reading = source->Poll({});
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().reason, Reason::kUnsupported);
  EXPECT_THAT(reading.error().message, HasSubstr("give the address of its primary"));
}

TEST_P(RedisReplica, WithoutItsPrimaryIsRefusedToo) {
  Demote(*other_, *primary_);
  primary_->Kill();
  ASSERT_TRUE(WaitFor(
      [&] {
        const std::string info = other_->Connect().Command({"INFO", "replication"}).text;
        return InfoField(info, "master_link_status") == "down";
      },
      seconds(20)));
  const auto reading = Make()->Poll({});
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error().message, HasSubstr("link down"));
}

}  // namespace
}  // namespace streamgauge::test
