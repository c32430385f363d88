// The source on real clusters: all primaries read as one target, while slots move, replicas take
// over and primaries are down.
#include "support/redis_cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "integration/redis_random_world.h"
#include "integration/redis_truth.h"
#include "log/log.h"
#include "redis/redis_source.h"
#include "support/loopback.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kStreams = 12;

std::uint64_t Skipped(const Reading& reading, std::string_view kind, std::string_view reason) {
  for (const SkippedItems& items : reading.skipped) {
    if (items.kind == kind && items.reason == reason) return items.count;
  }
  return 0;
}

std::map<std::string, const StreamReading*> ByName(const Reading& reading) {
  std::map<std::string, const StreamReading*> streams;
  for (const StreamReading& stream : reading.streams) {
    const bool first = streams.emplace(std::string(stream.name->text()), &stream).second;
    EXPECT_TRUE(first) << stream.name->text() << " is there twice";
  }
  return streams;
}

const GroupReading& OnlyGroupOf(const Reading& reading, const std::string& key) {
  for (const GroupReading& group : reading.groups) {
    if (reading.streams[group.stream].name->text() == key) return group;
  }
  throw std::runtime_error(key + " has no group");
}

class RedisCluster : public testing::TestWithParam<RedisKind> {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(GetParam()), "a server: run tools/setup.sh test");
    std::signal(SIGPIPE, SIG_IGN);  // as the agent does
    log::Init({.level = LogLevel::kError, .format = LogFormat::kText});
  }

  static void TearDownTestSuite() { clusters_.clear(); }

  // Three primaries, of which the last one has no replica. A cluster takes its time to start, so
  // tests share one and leave it as they found it, or say that they do not.
  void Start() {
    auto& shared = clusters_[GetParam()];
    if (!shared) {
      shared = std::make_unique<test::RedisCluster>(
          RedisClusterOptions{.kind = GetParam(),
                              .primaries = 3,
                              .replicas_of = {0, 1},
                              .arguments = {"--stream-node-max-entries", "3"}});
    }
    cluster_ = shared.get();
    for (std::size_t i = 0; i < 3; ++i) cluster_->client(i).Command({"FLUSHALL"});
    config_.mode = RedisMode::kCluster;
    config_.addresses = {{"127.0.0.1", cluster_->node(0).port(), 0},
                         {"127.0.0.1", cluster_->node(1).port(), 0}};
    config_.discovery_interval = milliseconds(200);
  }
  void TearDown() override {
    if (spoilt_) clusters_.erase(GetParam());
  }

  std::unique_ptr<Source> Make() {
    return MakeRedisSource("test", config_, {.timeout = seconds(5)});
  }
  static Reading Poll(Source& source) {
    auto reading = source.Poll({});
    if (!reading) throw std::runtime_error(reading.error().message);
    return std::move(*reading);
  }

  // Five entries of which the group has read two.
  void Fill(const std::string& key) {
    cluster_->Command({"XGROUP", "CREATE", key, "g", "0", "MKSTREAM"});
    for (int i = 0; i < 5; ++i) cluster_->Command({"XADD", key, "*", "f", "v"});
    Read(key, 2);
  }
  void Read(const std::string& key, int count) {
    cluster_->Command(
        {"XREADGROUP", "GROUP", "g", "c", "COUNT", std::to_string(count), "STREAMS", key, ">"});
  }
  // Returns when all of its streams are there and known.
  void Begin(RandomWorld& world, Source& source) {
    const auto has_groups = [&](const std::string& key) {
      return !world.truth(key).groups.empty();
    };
    while (!std::ranges::all_of(world.keys(), has_groups)) {
      world.Advance(RandomWorld::Interference::kGroups);
    }
    ASSERT_TRUE(WaitFor([&] { return Poll(source).streams.size() == kStreams; }, seconds(20)));
  }
  RandomWorld MakeWorld(std::uint32_t seed) {
    return {[this](const auto& commands) { return cluster_->Run(commands); }, seed,
            static_cast<int>(kStreams)};
  }

  static std::map<RedisKind, std::unique_ptr<test::RedisCluster>> clusters_;
  test::RedisCluster* cluster_ = nullptr;
  bool spoilt_ = false;
  RedisTargetConfig config_;
};

std::map<RedisKind, std::unique_ptr<test::RedisCluster>> RedisCluster::clusters_;

INSTANTIATE_TEST_SUITE_P(Kinds, RedisCluster,
                         testing::Values(RedisKind::kRedis, RedisKind::kValkey),
                         [](const auto& test) {
                           return test.param == RedisKind::kRedis ? "Redis" : "Valkey";
                         });

// What the servers have no part in that differs.
class RedisClusterTrouble : public RedisCluster {};
INSTANTIATE_TEST_SUITE_P(Kinds, RedisClusterTrouble, testing::Values(RedisKind::kRedis));

TEST_P(RedisCluster, AllPrimariesAreReadAsOneTarget) {
  Start();
  std::vector<std::string> keys;
  for (std::size_t node = 0; node < 3; ++node) keys.push_back(cluster_->KeyOn(node, "orders:"));
  for (const std::string& key : keys) Fill(key);
  config_.addresses.resize(1);
  config_.streams.include = keys;  // no other thread sends anything
  const auto source = Make();
  const Reading reading = Poll(*source);
  EXPECT_EQ(reading.mode, "cluster");
  EXPECT_EQ(reading.nodes, 3u);
  EXPECT_TRUE(reading.skipped.empty());
  EXPECT_EQ(ByName(reading).size(), 3u);
  for (const std::string& key : keys) {
    EXPECT_EQ(OnlyGroupOf(reading, key).lag, 3u) << key;
    EXPECT_EQ(OnlyGroupOf(reading, key).pending, 2u) << key;
  }
  const auto before = source->telemetry().round_trips;
  Poll(*source);
  // To each node one for snapshots, one for details, at most four for counts; one for the slots.
  EXPECT_LE(source->telemetry().round_trips - before, 3u * 6 + 1);
}

TEST_P(RedisCluster, FiguresStayTrueWhileSlotsMove) {
  Start();
  RandomWorld world = MakeWorld(7);
  RedisTruth truth(world);
  const auto source = Make();
  const auto round = [&](const std::string& at) {
    world.Advance(RandomWorld::Interference::kNone);
    const Reading reading = Poll(*source);
    EXPECT_EQ(reading.mode, "cluster");
    EXPECT_EQ(reading.nodes, 3u) << at;
    truth.Check(reading, at);
  };
  Begin(world, *source);
  for (int i = 0; i < 20; ++i) round(fmt::format("before, round {}", i));
  EXPECT_EQ(truth.streams_seen, kStreams);
  std::map<std::string, std::uint64_t> incarnations;
  const Reading start = Poll(*source);
  for (const auto& [name, stream] : ByName(start)) incarnations[name] = stream->incarnation;

  for (int i = 0; i < 6; ++i) {
    const std::string key = world.keys()[static_cast<std::size_t>(i)];
    const std::uint16_t slot = cluster_->SlotOf(key);
    const std::size_t from = cluster_->OwnerOf(key);
    const std::size_t to = (from + 1) % 3;
    cluster_->BeginMove(slot, from, to);
    round(key + " is about to move");
    EXPECT_EQ(truth.streams_seen, kStreams) << key;
    cluster_->MoveKey(key, from, to);
    for (int j = 0; j < 3; ++j) {
      round(key + " is on the other node, which does not own it");
      EXPECT_EQ(truth.streams_seen, kStreams) << key;
    }
    cluster_->EndMove(slot, from, to);
    for (int j = 0; j < 3; ++j) {
      round(key + " has moved");
      EXPECT_EQ(truth.streams_seen, kStreams) << key;
    }
  }
  for (int i = 0; i < 20; ++i) round(fmt::format("after, round {}", i));
  const Reading last = Poll(*source);
  for (const auto& [name, stream] : ByName(last)) {
    EXPECT_EQ(stream->incarnation, incarnations[name]) << name << " is still the same stream";
    EXPECT_TRUE(stream->appended_total) << name;
  }
  EXPECT_GT(truth.lags, 10 * truth.lags_unknown);
  EXPECT_GT(truth.rises, 1000u);
  EXPECT_GT(truth.deliveries, 500u);
  EXPECT_LE(truth.deliveries_wrong * 100, truth.deliveries);
  EXPECT_GT(truth.lost_found, 0u);
  EXPECT_EQ(source->telemetry().verifications_differed, 0u);
  EXPECT_GT(source->telemetry().requests.at("asking"), 0u);
}

TEST_P(RedisCluster, SumsOfAStreamThatMovedGoOn) {
  Start();
  const std::string key = cluster_->KeyOn(0, "orders:");
  Fill(key);
  const auto source = Make();
  Poll(*source);
  cluster_->Command({"XADD", key, "*", "f", "v"});
  Read(key, 1);
  const Reading before = Poll(*source);
  EXPECT_EQ(ByName(before)[key]->appended_total, 1u);
  EXPECT_EQ(OnlyGroupOf(before, key).delivered_total, 1u);
  const std::uint16_t slot = cluster_->SlotOf(key);
  cluster_->BeginMove(slot, 0, 2);
  cluster_->MoveKey(key, 0, 2);
  cluster_->EndMove(slot, 0, 2);
  const Reading moved = Poll(*source);
  EXPECT_EQ(ByName(moved)[key]->appended_total, std::nullopt)
      << "what happened on the way is not known";
  EXPECT_EQ(OnlyGroupOf(moved, key).lag, 3u);
  EXPECT_EQ(OnlyGroupOf(moved, key).incarnation, OnlyGroupOf(before, key).incarnation);
  EXPECT_EQ(OnlyGroupOf(moved, key).name, OnlyGroupOf(before, key).name)
      << "history is kept by the name's address";
  cluster_->Command({"XADD", key, "*", "f", "v"});
  Read(key, 2);
  const Reading after = Poll(*source);
  EXPECT_EQ(ByName(after)[key]->appended_total, 2u);
  EXPECT_EQ(OnlyGroupOf(after, key).delivered_total, 3u);
  EXPECT_EQ(OnlyGroupOf(after, key).lost_total, 0u);
}

TEST_P(RedisCluster, AReplicaThatTakesOverIsFollowed) {
  Start();
  spoilt_ = true;
  RandomWorld world = MakeWorld(11);
  RedisTruth truth(world);
  const auto source = Make();
  const auto round = [&](const std::string& at) {
    world.Advance(RandomWorld::Interference::kNone);
    truth.Check(Poll(*source), at);
  };
  Begin(world, *source);
  for (int i = 0; i < 20; ++i) round(fmt::format("before, round {}", i));
  const auto lost_before = truth.lost_found;

  cluster_->WaitForReplicas();
  cluster_->node(1).Kill();
  int failed = 0;
  ASSERT_TRUE(WaitFor(
      [&] {
        const Reading reading = Poll(*source);
        truth.Check(reading, "while nobody has its slots");
        EXPECT_GE(reading.nodes, 2u);
        if (reading.nodes == 2) {
          ++failed;
          EXPECT_EQ(Skipped(reading, "node", "unavailable"), 1u);
          EXPECT_EQ(truth.streams_seen + Skipped(reading, "stream", "unavailable"), kStreams);
        }
        return reading.nodes == 3;
      },
      seconds(20), milliseconds(50)));
  EXPECT_GT(failed, 0);
  EXPECT_EQ(truth.streams_seen, kStreams);
  for (int i = 0; i < 20; ++i) round(fmt::format("after, round {}", i));
  EXPECT_EQ(truth.streams_seen, kStreams);
  EXPECT_GT(truth.lost_found, lost_before);
  EXPECT_LE(truth.deliveries_wrong * 100, truth.deliveries);
  EXPECT_EQ(source->telemetry().verifications_differed, 0u);

  cluster_->node(1).Start();  // it comes back as a replica, empty at first
  ASSERT_TRUE(WaitFor(
      [&] {
        truth.Check(Poll(*source), "while the old primary comes back");
        EXPECT_EQ(truth.streams_seen, kStreams);
        const std::string info = cluster_->node(1).Connect().Command({"INFO", "replication"}).text;
        return InfoField(info, "role") == "slave" && InfoField(info, "master_link_status") == "up";
      },
      seconds(20), milliseconds(50)));
  round("with the old primary as a replica");
}

TEST_P(RedisClusterTrouble, ADeletedStreamGoesAndComesBackAsAnother) {
  Start();
  const std::string key = cluster_->KeyOn(1, "orders:");
  Fill(key);
  const auto source = Make();
  const std::uint64_t incarnation = Poll(*source).streams.at(0).incarnation;
  cluster_->Command({"DEL", key});
  EXPECT_TRUE(Poll(*source).streams.empty());
  Fill(key);
  std::optional<Reading> reading;
  ASSERT_TRUE(WaitFor([&] { return !(reading = Poll(*source))->streams.empty(); }, seconds(10)));
  EXPECT_NE(reading->streams[0].incarnation, incarnation);
}

TEST_P(RedisClusterTrouble, ARightThatOneNodeDeniesIsToldWithTheNode) {
  Start();
  const RedisCommand user = {"ACL", "SETUSER", "monitor", "reset", "on", ">s3cret", "~*", "+@all"};
  for (std::size_t i = 0; i < 3; ++i) cluster_->client(i).Command(user);
  cluster_->client(1).Command({"ACL", "SETUSER", "monitor", "-xpending"});
  config_.username = "monitor";
  config_.password = Secret::FromText("s3cret");
  const auto denied = Make()->TryAccess({});
  ASSERT_TRUE(denied) << denied.error().message;
  const std::string there = "127.0.0.1:" + std::to_string(cluster_->node(1).port());
  EXPECT_EQ(denied->grants, (std::vector<AccessGrant>{{there, "ACL SETUSER monitor +xpending"}}));
  for (const AccessCheck& check : denied->checks) {
    EXPECT_EQ(check.access == Access::kRefused, check.what == "XPENDING") << check.what;
    EXPECT_EQ(check.at, check.what == "XPENDING" ? there : "") << check.what;
  }
  cluster_->client(1).Command({"ACL", "SETUSER", "monitor", "+xpending"});
  const auto granted = Make()->TryAccess({});
  ASSERT_TRUE(granted);
  for (const AccessCheck& check : granted->checks) EXPECT_EQ(check.access, Access::kWorks);
  for (std::size_t i = 0; i < 3; ++i) cluster_->client(i).Command({"ACL", "DELUSER", "monitor"});
}

TEST_P(RedisClusterTrouble, ANodeThatIsReadAloneIsAWarning) {
  Start();
  config_.mode = RedisMode::kStandalone;
  config_.addresses = {{"127.0.0.1", cluster_->node(0).port(), 0}};
  const auto source = Make();
  Poll(*source);
  const auto checked = source->TryAccess({});
  ASSERT_TRUE(checked) << checked.error().message;
  const AccessCheck& nodes = checked->checks.back();
  EXPECT_EQ(nodes.on, "all nodes");
  EXPECT_EQ(nodes.access, Access::kFailed);
  EXPECT_EQ(nodes.need, Need::kFigures) << "what is read is right";
  EXPECT_THAT(nodes.detail, testing::HasSubstr("mode: cluster"));
}

TEST_P(RedisClusterTrouble, AServerThatIsNoClusterSaysWhatToDo) {
  const RedisServer alone({.kind = GetParam(), .arguments = {}});
  config_.mode = RedisMode::kCluster;
  config_.addresses = {{"127.0.0.1", alone.port(), 0}};
  const auto reading = Make()->Poll({});
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().reason, Reason::kUnsupported);
  EXPECT_THAT(reading.error().message, testing::HasSubstr("mode: standalone"));
}

TEST_P(RedisClusterTrouble, APrimaryThatHangsDelaysNobodyElse) {
  Start();
  std::vector<std::string> keys;
  for (std::size_t node = 0; node < 3; ++node) keys.push_back(cluster_->KeyOn(node, "orders:"));
  for (const std::string& key : keys) Fill(key);
  const auto source = MakeRedisSource("test", config_, {.timeout = milliseconds(500)});
  Poll(*source);
  cluster_->node(2).Pause();
  const auto began = Clock::now();
  const Reading reading = Poll(*source);
  EXPECT_LT(Clock::now() - began, seconds(2));
  EXPECT_EQ(reading.nodes, 2u);
  EXPECT_EQ(Skipped(reading, "node", "timeout"), 1u);
  EXPECT_EQ(OnlyGroupOf(reading, keys[0]).lag, 3u);
  cluster_->node(2).Resume();
  EXPECT_TRUE(WaitFor([&] { return Poll(*source).streams.size() == 3; }, seconds(20)));
}

TEST_P(RedisClusterTrouble, PrimariesThatAreAddedAreRead) {
  Start();
  spoilt_ = true;
  const std::string key = cluster_->KeyOn(0, "orders:");
  Fill(key);
  const auto source = Make();
  EXPECT_EQ(Poll(*source).nodes, 3u);
  RedisServer fourth(
      {.kind = GetParam(),
       .arguments = {"--cluster-enabled", "yes", "--cluster-port", std::to_string(FreePort()),
                     "--cluster-node-timeout", "600", "--cluster-require-full-coverage", "no"}});
  RedisClient client = fourth.Connect();
  client.Command({"CLUSTER", "MEET", "127.0.0.1", std::to_string(cluster_->node(0).port()),
                  cluster_->bus_port(0)});
  const std::string id = client.Command({"CLUSTER", "MYID"}).text;
  const std::string old = cluster_->client(0).Command({"CLUSTER", "MYID"}).text;
  const std::string slot = std::to_string(cluster_->SlotOf(key));
  // One that takes a slot whose owner it does not know will never hear of it.
  const auto succeeds = [](RedisClient& at, const RedisCommand& command) {
    return WaitFor([&] { return !at.TryCommand(command).IsError(); }, seconds(20));
  };
  ASSERT_TRUE(WaitFor([&] { return client.TryCommand({"XLEN", key}).text.starts_with("MOVED"); },
                      seconds(20)));
  RedisClient& first = cluster_->client(0);
  ASSERT_TRUE(succeeds(client, {"CLUSTER", "SETSLOT", slot, "IMPORTING", old}));
  ASSERT_TRUE(succeeds(first, {"CLUSTER", "SETSLOT", slot, "MIGRATING", id}));
  ASSERT_TRUE(
      succeeds(first, {"MIGRATE", "127.0.0.1", std::to_string(fourth.port()), key, "0", "5000"}));
  const Reading reading = Poll(*source);
  EXPECT_EQ(reading.nodes, 4u) << "it has no slot, and the stream all the same";
  EXPECT_EQ(reading.streams.at(0).length, 5u);
  client.Command({"CLUSTER", "SETSLOT", slot, "NODE", id});
  cluster_->client(0).Command({"CLUSTER", "SETSLOT", slot, "NODE", id});
  for (int poll = 0; poll < 3; ++poll) {
    const Reading after = Poll(*source);
    EXPECT_EQ(after.streams.size(), 1u);
    EXPECT_EQ(after.streams.at(0).length, 5u);
  }
  EXPECT_TRUE(WaitFor([&] { return Poll(*source).nodes == 4; }, seconds(10)));
}

TEST_P(RedisClusterTrouble, APlannedFailoverIsFollowedWithinTwoPolls) {
  Start();
  spoilt_ = true;
  const std::string key = cluster_->KeyOn(0, "orders:");
  Fill(key);
  const auto source = Make();
  Poll(*source);
  cluster_->WaitForReplicas();
  cluster_->client(3).Command({"CLUSTER", "FAILOVER"});
  ASSERT_TRUE(WaitFor([&] { return cluster_->AllSay(key, 3); }, seconds(20)));
  cluster_->Command({"XADD", key, "*", "f", "v"});
  std::optional<Reading> reading;
  for (int poll = 0; poll < 2; ++poll) {
    reading = Poll(*source);
    for (const StreamReading& stream : reading->streams) EXPECT_EQ(stream.length, 6u);
  }
  EXPECT_EQ(reading->nodes, 3u);
  EXPECT_EQ(OnlyGroupOf(*reading, key).lag, 4u);
}

TEST_P(RedisClusterTrouble, OnePrimaryDownTakesNothingFromTheOthers) {
  Start();
  spoilt_ = true;
  std::vector<std::string> keys;
  for (std::size_t node = 0; node < 3; ++node) keys.push_back(cluster_->KeyOn(node, "orders:"));
  for (const std::string& key : keys) Fill(key);
  config_.addresses = {{"127.0.0.1", cluster_->node(2).port(), 0}};
  const auto source = Make();
  Poll(*source);
  cluster_->node(2).Kill();  // the one that was asked for the slots, and has no replica
  for (int poll = 0; poll < 3; ++poll) {
    const Reading reading = Poll(*source);
    EXPECT_EQ(reading.nodes, 2u);
    EXPECT_EQ(ByName(reading).size(), 2u);
    EXPECT_EQ(Skipped(reading, "node", "unavailable"), 1u);
    EXPECT_EQ(Skipped(reading, "stream", "unavailable"), 1u);
    EXPECT_EQ(OnlyGroupOf(reading, keys[0]).lag, 3u);
    EXPECT_EQ(OnlyGroupOf(reading, keys[1]).lag, 3u);
  }
  EXPECT_GE(source->telemetry().item_errors.at("unavailable"), 3u);

  for (std::size_t i = 0; i < 2; ++i) {
    cluster_->client(i).Command({"CONFIG", "SET", "cluster-require-full-coverage", "yes"});
  }
  Result<Reading> refused;
  ASSERT_TRUE(WaitFor([&] { return !(refused = source->Poll({})); }, seconds(20)));
  EXPECT_EQ(refused.error().reason, Reason::kUnavailable);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("CLUSTERDOWN"));

  for (const std::size_t i : {0, 1, 3, 4}) cluster_->node(i).Kill();
  const auto down = source->Poll({});
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().reason, Reason::kUnavailable);
}

}  // namespace
}  // namespace streamgauge::test
