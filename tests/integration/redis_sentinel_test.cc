// The source behind real sentinels: whichever server is the primary is read, and no other.
#include "support/redis_sentinel.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "integration/redis_random_world.h"
#include "integration/redis_truth.h"
#include "log/log.h"
#include "redis/redis_source.h"
#include "support/redis_failover.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kStreams = 8;

class RedisSentinels : public testing::Test {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis),
                        "redis-server: run tools/setup.sh test");
    std::signal(SIGPIPE, SIG_IGN);  // as the agent does
    log::Init({.level = LogLevel::kError, .format = LogFormat::kText});
    primary_ = std::make_unique<RedisServer>(
        RedisServerOptions{.kind = RedisKind::kRedis, .arguments = common_});
    failover_ = std::make_unique<RedisFailover>(*primary_, "orders", common_);
    for (std::size_t i = 0; i < failover_->sentinels(); ++i) {
      config_.addresses.push_back({"127.0.0.1", Sentinel(i).port(), 0});
    }
    config_.mode = RedisMode::kSentinel;
    config_.sentinel.master = "orders";
    config_.discovery_interval = milliseconds(200);
  }

  RedisServer& Server(std::size_t index) { return index == 0 ? *primary_ : failover_->replica(); }
  RedisSentinel& Sentinel(std::size_t index) { return failover_->sentinel(index); }
  bool IsPrimary(std::size_t server) { return failover_->IsPrimary(Server(server)); }

  std::unique_ptr<Source> Make() {
    return MakeRedisSource("test", config_, {.timeout = seconds(5)});
  }
  static Reading Poll(Source& source) {
    auto reading = source.Poll({});
    if (!reading) throw std::runtime_error(reading.error().message);
    return std::move(*reading);
  }
  void Fill(std::size_t server, int count = 5) {
    RedisClient client = Server(server).Connect();
    client.TryCommand({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
    for (int i = 0; i < count; ++i) client.Command({"XADD", "s", "*", "f", "v"});
    client.Command({"WAIT", "1", "5000"});
  }

  const std::vector<std::string> common_ = {"--repl-diskless-sync-delay", "0",
                                            "--stream-node-max-entries", "3"};
  std::unique_ptr<RedisServer> primary_;
  std::unique_ptr<RedisFailover> failover_;
  RedisTargetConfig config_;
};

TEST_F(RedisSentinels, ThePrimaryThatTheyNameIsRead) {
  Fill(0);
  Sentinel(0).Kill();               // the first in the list
  config_.streams.include = {"s"};  // no other thread sends anything
  const auto source = Make();
  const Reading reading = Poll(*source);
  EXPECT_EQ(reading.mode, "sentinel");
  EXPECT_EQ(reading.nodes, 1u);
  ASSERT_EQ(reading.groups.size(), 1u);
  EXPECT_EQ(reading.groups[0].lag, 5u);
  EXPECT_TRUE(reading.skipped.empty());
  const auto before = source->telemetry();
  Poll(*source);
  const auto& after = source->telemetry();
  EXPECT_EQ(after.requests.at("sentinel_get_master_addr"),
            before.requests.at("sentinel_get_master_addr") + 1);
  EXPECT_LE(after.round_trips, before.round_trips + 1 + 2) << "one to the sentinel";

  Sentinel(1).Kill();
  Sentinel(2).Kill();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Poll(*source).groups.at(0).lag, 5u)
        << "a primary that says that it is one is believed without sentinels";
  }
  EXPECT_GE(source->telemetry().item_errors.at("unavailable"), 2u) << "and it is told";
  const auto fresh = Make()->Poll({});
  ASSERT_FALSE(fresh);
  EXPECT_EQ(fresh.error().reason, Reason::kUnavailable);
  EXPECT_THAT(fresh.error().message, testing::HasSubstr("sentinel 127.0.0.1:"));
}

TEST_F(RedisSentinels, ANameThatNobodyKnowsIsSaidSo) {
  config_.sentinel.master = "order";
  Sentinel(2).Kill();
  const auto reading = Make()->Poll({});
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().reason, Reason::kNotFound);
  EXPECT_THAT(reading.error().message, testing::HasSubstr("\"order\""));
}

TEST_F(RedisSentinels, FiguresStayTrueWhenThePrimaryDiesAndComesBack) {
  std::size_t primary = 0;
  RandomWorld world(
      [&](const auto& commands) { return Server(primary).Connect().Pipeline(commands); }, 5,
      static_cast<int>(kStreams));
  RedisTruth truth(world);
  const auto has_groups = [&](const std::string& key) { return !world.truth(key).groups.empty(); };
  while (!std::ranges::all_of(world.keys(), has_groups)) {
    world.Advance(RandomWorld::Interference::kGroups);
  }
  const auto source = Make();
  ASSERT_TRUE(WaitFor([&] { return Poll(*source).streams.size() == kStreams; }, seconds(20)));
  const auto rounds = [&](const std::string& when) {
    for (int i = 0; i < 15; ++i) {
      world.Advance(RandomWorld::Interference::kNone);
      truth.Check(Poll(*source), fmt::format("{}, round {}", when, i));
      EXPECT_EQ(truth.streams_seen, kStreams);
    }
  };
  rounds("before");
  Server(0).Connect().Command({"SET", "all", "written"});
  ASSERT_TRUE(WaitFor([&] { return Server(1).Connect().Command({"GET", "all"}).text == "written"; },
                      seconds(20)));
  Server(0).Kill();
  primary = 1;
  const auto gone = source->Poll({});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().reason, Reason::kUnavailable);
  ASSERT_TRUE(WaitFor([&] { return IsPrimary(1); }, test::kLongestFailover));

  const Reading first = Poll(*source);
  truth.Check(first, "the first poll after it");
  EXPECT_EQ(truth.streams_seen, kStreams);
  for (const GroupReading& group : first.groups) {
    EXPECT_EQ(group.delivered_total, std::nullopt) << "what happened meanwhile is not known";
  }
  rounds("after");
  EXPECT_GT(truth.lost_found, 0u);
  EXPECT_GT(truth.deliveries, 100u);
  EXPECT_LE(truth.deliveries_wrong * 100, truth.deliveries);
  EXPECT_GT(truth.lags, 10 * truth.lags_unknown);
  EXPECT_EQ(source->telemetry().verifications_differed, 0u);

  Server(0).Start();  // empty, and a primary in its own eyes until a sentinel tells it better
  ASSERT_TRUE(WaitFor(
      [&] {
        truth.Check(Poll(*source), "while the old primary comes back");
        EXPECT_EQ(truth.streams_seen, kStreams);
        return ReplicationField(Server(0), "role") == "slave";
      },
      seconds(20), milliseconds(50)));
  rounds("with the old primary as a replica");
}

TEST_F(RedisSentinels, APlannedFailoverIsFollowedThoughTheOldConnectionStaysOpen) {
  Fill(0);
  const RedisCommand read = {"XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "s", ">"};
  Server(0).Connect().Command(read);
  const auto source = Make();
  EXPECT_TRUE(Poll(*source).groups.at(0).consumers.at(0).idle_seconds);
  Sentinel(0).Connect().Command({"SENTINEL", "FAILOVER", "orders"});
  ASSERT_TRUE(WaitFor([&] { return IsPrimary(1); }, test::kLongestFailover));
  Fill(1, 2);
  const Reading first = Poll(*source);
  EXPECT_EQ(first.groups.at(0).lag, 6u) << "not what the old one holds";
  EXPECT_EQ(first.groups.at(0).consumers.at(0).idle_seconds, std::nullopt)
      << "when it last asked the old one is not known here";
  EXPECT_TRUE(WaitFor(
      [&] {
        Server(1).Connect().Command(read);
        return Poll(*source).groups.at(0).consumers.at(0).idle_seconds.has_value();
      },
      seconds(10)));
}

// Between a sentinel's view and the server's there is time in both directions.
TEST_F(RedisSentinels, AServerThatSaysItIsAReplicaIsNotBelievedWhateverTheSentinelsSay) {
  Fill(0);
  const auto source = Make();
  Poll(*source);
  Server(0).Connect().Command({"REPLICAOF", "127.0.0.1", "1"});
  const auto reading = source->Poll({});
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().reason, Reason::kUnavailable);
  EXPECT_THAT(reading.error().message, testing::HasSubstr("is a replica (of 127.0.0.1:1, link"));
}

TEST_F(RedisSentinels, AModeThatDoesNotFitSaysWhatToDo) {
  const RedisTargetConfig sentinels = config_;
  config_.mode = RedisMode::kStandalone;
  const auto of_data = Make()->Poll({});
  ASSERT_FALSE(of_data);
  EXPECT_THAT(of_data.error().message, testing::HasSubstr("is a sentinel: set mode: sentinel"));
  const auto checked = Make()->TryAccess({});
  ASSERT_TRUE(checked);
  EXPECT_TRUE(checked->blocked);
  EXPECT_THAT(checked->checks.at(0).detail,
              testing::HasSubstr("is a sentinel: set mode: sentinel"));
  config_ = sentinels;
  config_.addresses = {{"127.0.0.1", Server(0).port(), 0}};
  const auto of_sentinel = Make()->Poll({});
  ASSERT_FALSE(of_sentinel);
  EXPECT_THAT(of_sentinel.error().message, testing::HasSubstr("is it a sentinel?"));
  const auto checked_sentinel = Make()->TryAccess({});
  ASSERT_TRUE(checked_sentinel);
  EXPECT_TRUE(checked_sentinel->blocked);
  EXPECT_THAT(checked_sentinel->checks.at(0).detail, testing::HasSubstr("is it a sentinel?"));
}

TEST_F(RedisSentinels, SentinelsHaveCredentialsOfTheirOwn) {
  Fill(0);
  const TempDir dir;
  RedisSentinel locked({.master = "orders",
                        .master_port = Server(0).port(),
                        .quorum = 1,
                        .more = "user default off\nuser agent on >secret -@all +auth "
                                "+client|setname +sentinel|get-master-addr-by-name"});
  config_.addresses = {{"127.0.0.1", locked.port(), 0}};
  const auto refused = Make()->Poll({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kUnauthorized);
  config_.sentinel.username = "agent";
  config_.sentinel.password = Secret::FromFile(dir.Write("password", "secret\n"));
  EXPECT_EQ(Poll(*Make()).groups.at(0).lag, 5u);
}

}  // namespace
}  // namespace streamgauge::test
