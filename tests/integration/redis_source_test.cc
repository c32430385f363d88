// The source on real servers: the figures of a plain day, rights, limits and odd keys.
#include "redis/redis_source.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "log/log.h"
#include "redis/name_limit.h"
#include "support/redis_server.h"
#include "support/require.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class RedisSource : public testing::TestWithParam<RedisKind> {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(GetParam()), "a server: run tools/setup.sh test");
    std::signal(SIGPIPE, SIG_IGN);  // as the agent does
    log::Init({.level = LogLevel::kError, .format = LogFormat::kText});
    server_.emplace(RedisServerOptions{.kind = GetParam(), .arguments = {}});
    client_.emplace(server_->Connect());
    config_.addresses = {{"127.0.0.1", server_->port(), 0}};
  }

  Reading Poll(Source& source) {
    auto reading = source.Poll({});
    if (!reading) throw std::runtime_error(reading.error().message);
    return std::move(*reading);
  }
  std::unique_ptr<Source> Make() {
    return MakeRedisSource("test", config_, {.timeout = seconds(10)});
  }

  void Add(const std::string& key, int count, const std::string& value = "v") {
    std::vector<RedisCommand> commands(static_cast<std::size_t>(count),
                                       {"XADD", key, "*", "f", value});
    for (const auto& reply : client_->Pipeline(commands)) ASSERT_FALSE(reply.IsError());
  }
  void CreateGroup(const std::string& key, const std::string& group) {
    client_->Command({"XGROUP", "CREATE", key, group, "0", "MKSTREAM"});
  }
  void Read(const std::string& key, const std::string& group, const std::string& consumer,
            int count) {
    client_->Command({"XREADGROUP", "GROUP", group, consumer, "COUNT", std::to_string(count),
                      "STREAMS", key, ">"});
  }

  static std::uint64_t Skipped(const Reading& reading, std::string_view kind,
                               std::string_view reason) {
    for (const SkippedItems& items : reading.skipped) {
      if (items.kind == kind && items.reason == reason) return items.count;
    }
    return 0;
  }
  static std::vector<std::string> Names(const Reading& reading) {
    std::vector<std::string> names;
    for (const auto& stream : reading.streams) names.emplace_back(stream.name->text());
    return names;
  }

  std::optional<RedisServer> server_;
  std::optional<RedisClient> client_;
  RedisTargetConfig config_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, RedisSource, testing::Values(RedisKind::kRedis, RedisKind::kValkey),
                         [](const auto& test) {
                           return test.param == RedisKind::kRedis ? "Redis" : "Valkey";
                         });

// Whose streams have grown until it has no memory left is who must be seen most of all.
TEST_P(RedisSource, AServerThatIsOutOfMemoryIsReadAllTheSame) {
  CreateGroup("orders", "billing");
  Add("orders", 10);
  Read("orders", "billing", "worker", 4);
  const auto source = Make();
  Poll(*source);
  client_->Command({"CONFIG", "SET", "maxmemory", "1"});
  if (GetParam() == RedisKind::kRedis) {  // Valkey queues what only reads
    client_->Command({"MULTI"});
    ASSERT_TRUE(client_->TryCommand({"XINFO", "STREAM", "orders"}).text.starts_with("OOM"));
    client_->TryCommand({"DISCARD"});
  }
  Read("orders", "billing", "worker", 3);

  const Reading reading = Poll(*source);
  ASSERT_EQ(reading.streams.size(), 1u);
  EXPECT_EQ(reading.streams[0].length, 10u);
  ASSERT_EQ(reading.groups.size(), 1u);
  EXPECT_EQ(reading.groups[0].lag, 3u);
  EXPECT_EQ(reading.groups[0].pending, 7u);
  EXPECT_EQ(reading.groups[0].delivered_total, 3u);
  EXPECT_TRUE(reading.skipped.empty());
  EXPECT_TRUE(source->telemetry().item_errors.empty());
}

TEST_P(RedisSource, TellsEverythingAboutAPlainGroup) {
  CreateGroup("orders", "billing");
  Add("orders", 10);
  Read("orders", "billing", "worker-1", 4);
  const auto source = Make();
  Poll(*source);
  Read("orders", "billing", "worker-2", 3);
  const auto acked = client_->Command({"XPENDING", "orders", "billing", "-", "+", "1"})[0][0].text;
  client_->Command({"XACK", "orders", "billing", acked});
  Add("orders", 2);

  const Reading reading = Poll(*source);
  ASSERT_EQ(reading.streams.size(), 1u);
  const StreamReading& stream = reading.streams[0];
  EXPECT_EQ(stream.length, 12u);
  EXPECT_EQ(stream.appended_total, 2u);
  EXPECT_EQ(stream.removed_total, 0u);
  EXPECT_EQ(stream.trimmed_total, 0u);
  EXPECT_EQ(stream.bytes, std::nullopt);

  ASSERT_EQ(reading.groups.size(), 1u);
  const GroupReading& group = reading.groups[0];
  EXPECT_EQ(group.lag, 5u);
  EXPECT_EQ(group.lag_source, LagSource::kCalibrated);
  EXPECT_EQ(group.headroom_messages, 7u);
  EXPECT_EQ(group.pending, 6u);
  EXPECT_EQ(group.pending_trimmed, 0u);
  EXPECT_EQ(group.max_deliveries, 1u);
  EXPECT_EQ(group.delivered_total, 3u);
  EXPECT_EQ(group.acknowledged_total, 1u);
  EXPECT_EQ(group.lost_total, 0u);
  EXPECT_FALSE(group.rewound);
  EXPECT_EQ(group.consumer_count, 2u);
  EXPECT_TRUE(group.consumers_listed);
  ASSERT_EQ(group.consumers.size(), 2u);
  EXPECT_EQ(group.consumers[0].name->text(), "worker-1");
  EXPECT_EQ(group.consumers[0].pending, 3u);
  EXPECT_EQ(group.consumers[1].pending, 3u);
  EXPECT_LT(group.consumers[0].idle_seconds.value(), 10);
  EXPECT_EQ(group.consumers[0].inactive_seconds.has_value(), GetParam() == RedisKind::kValkey);
  EXPECT_LT(group.oldest_pending_idle_seconds.value(), 10);
}

TEST_P(RedisSource, AgesAreThoseOfTheServersClock) {
  const auto now = client_->Command({"TIME"});
  const std::int64_t now_ms = std::stoll(now[0].text) * 1000;
  const auto ago = [&](int s) { return std::to_string(now_ms - s * 1000) + "-0"; };
  for (const int s : {900, 600, 300, 100}) client_->Command({"XADD", "old", ago(s), "f", "v"});
  CreateGroup("old", "behind");
  Read("old", "behind", "c", 2);
  CreateGroup("old", "untouched");
  const auto source = Make();
  const Reading reading = Poll(*source);
  const double shift = ToSeconds(reading.time - FromUnixMillis(now_ms));
  EXPECT_LT(shift, 5);
  ASSERT_EQ(reading.groups.size(), 2u);
  EXPECT_NEAR(reading.groups[0].lag_seconds.value(), 300 + shift, 0.001);
  EXPECT_NEAR(reading.groups[0].oldest_pending_seconds.value(), 900 + shift, 0.001);
  EXPECT_NEAR(reading.groups[1].lag_seconds.value(), 900 + shift, 0.001);
  EXPECT_EQ(reading.streams[0].span_seconds, 800);
}

TEST_P(RedisSource, PendingEntriesWithoutMessageAreCounted) {
  CreateGroup("s", "g");
  Add("s", 10);
  Read("s", "g", "c", 8);
  client_->Command({"XTRIM", "s", "MAXLEN", "=", "5"});
  EXPECT_EQ(Poll(*Make()).groups[0].pending_trimmed, 5u);
}

TEST_P(RedisSource, LossesAreFoundAsTheyHappen) {
  CreateGroup("s", "g");
  Add("s", 10);
  Read("s", "g", "c", 4);
  const auto source = Make();
  EXPECT_EQ(Poll(*source).groups[0].lost_total, 0u);
  client_->Command({"XTRIM", "s", "MAXLEN", "=", "2"});
  const Reading reading = Poll(*source);
  EXPECT_EQ(reading.groups[0].lost_total, 4u);
  EXPECT_EQ(reading.groups[0].lag, 2u);
  EXPECT_EQ(reading.streams[0].trimmed_total, 8u);
}

// Newer servers (Valkey 9.1 for one) estimate entries-read anew when the entry at the group's
// position is gone: a skew from before is then void, although nothing after the position was
// removed.
TEST_P(RedisSource, ADeletedEntryAtThePositionVoidsTheCalibration) {
  for (const char* id : {"1-0", "2-0", "3-0"}) client_->Command({"XADD", "s", id, "f", "v"});
  client_->Command({"XGROUP", "CREATE", "s", "g", "3-0", "ENTRIESREAD", "4"});
  client_->Command({"XDEL", "s", "3-0"});
  config_.count_limit = 0;  // nor may a count correct what the rules say
  const auto source = Make();
  EXPECT_EQ(Poll(*source).groups[0].lag, 0u) << "A - R is -1, and known to be off by that";
  for (const char* id : {"4-0", "5-0"}) client_->Command({"XADD", "s", id, "f", "v"});
  Read("s", "g", "c", 2);
  client_->Command({"XADD", "s", "6-0", "f", "v"});
  EXPECT_EQ(Poll(*source).groups[0].lag, std::nullopt)
      << "by the old skew, it would be 2 on a server that estimates";
}

TEST_P(RedisSource, OneLookAtAStreamValidatesTheCountsOfAllItsGroups) {
  Add("s", 10);
  for (const char* group : {"a", "b", "c"}) {
    CreateGroup("s", group);
    Read("s", group, "c", 4);
  }
  const auto source = Make();
  const Reading reading = Poll(*source);
  for (const GroupReading& group : reading.groups) {
    EXPECT_EQ(group.lag_source, LagSource::kCounted);
    EXPECT_EQ(group.lag, 6u);
  }
  EXPECT_EQ(source->telemetry().requests.at("xinfo_stream"), 2u);
}

TEST_P(RedisSource, RewindAndRecreationShow) {
  CreateGroup("s", "g");
  Add("s", 10);
  Read("s", "g", "c", 10);
  const auto source = Make();
  const Reading first = Poll(*source);
  client_->Command({"XGROUP", "SETID", "s", "g", "0"});
  const Reading rewound = Poll(*source);
  EXPECT_TRUE(rewound.groups[0].rewound);
  EXPECT_EQ(rewound.groups[0].lag, 10u);
  EXPECT_EQ(rewound.groups[0].incarnation, first.groups[0].incarnation);

  client_->Command({"DEL", "s"});
  EXPECT_TRUE(Poll(*source).streams.empty());
  CreateGroup("s", "g");
  Add("s", 3);
  const Reading again = Poll(*source);
  EXPECT_NE(again.streams[0].incarnation, first.streams[0].incarnation);
  EXPECT_NE(again.groups[0].incarnation, first.groups[0].incarnation);
  EXPECT_FALSE(again.groups[0].rewound);
  EXPECT_EQ(again.groups[0].lag, 3u);
}

TEST_P(RedisSource, ARefusedXgroupCreateBeforeEveryReadHidesNothing) {
  CreateGroup("s", "g");
  const auto source = Make();
  Poll(*source);
  for (std::uint64_t poll = 1; poll <= 3; ++poll) {
    Add("s", 5);
    const std::vector<RedisCommand> refused = {{"XGROUP", "CREATE", "s", "g", "$"},
                                               {"RENAME", "absent", "s"}};
    for (const auto& reply : client_->Pipeline(refused)) ASSERT_TRUE(reply.IsError());
    Read("s", "g", "c", 5);
    const Reading reading = Poll(*source);
    EXPECT_EQ(reading.streams[0].appended_total, 5 * poll);
    EXPECT_EQ(reading.groups[0].delivered_total, 5 * poll);
    EXPECT_EQ(reading.groups[0].acknowledged_total, 0u);
  }
}

TEST_P(RedisSource, WhereAGroupMayHaveBeenMovedTotalsAreAbsentAndComeBack) {
  CreateGroup("s", "g");
  const auto source = Make();
  Poll(*source);
  Add("s", 5);
  Read("s", "g", "c", 5);
  EXPECT_EQ(Poll(*source).groups[0].delivered_total, 5u);
  // Other streams may be discovered meanwhile: by their names they come after this one.
  for (const char* group : {"x", "y"}) {
    Add("s", 5);
    Read("s", "g", "c", 5);
    client_->Command({"XGROUP", "CREATE", "t", group, "0", "MKSTREAM"});
    const Reading gap = Poll(*source);
    EXPECT_EQ(gap.groups[0].delivered_total, std::nullopt) << "10 were delivered, not 5";
    EXPECT_EQ(gap.groups[0].acknowledged_total, std::nullopt);
    EXPECT_EQ(gap.groups[0].lost_total, std::nullopt);
    EXPECT_TRUE(gap.streams[0].appended_total) << "no stream was moved";
  }
  client_->Command({"RENAME", "t", "u"});
  const Reading moved = Poll(*source);
  EXPECT_EQ(moved.streams[0].appended_total, std::nullopt);
  EXPECT_EQ(moved.groups[0].delivered_total, std::nullopt);
  Add("s", 2);
  Read("s", "g", "c", 2);
  const Reading back = Poll(*source);
  EXPECT_EQ(back.streams[0].appended_total, 17u);
  EXPECT_EQ(back.groups[0].delivered_total, 7u);
}

TEST_P(RedisSource, OddKeysAmongLiteralNamesConcernOnlyThemselves) {
  CreateGroup("stream", "g");
  client_->Command({"SET", "text", "x"});
  config_.streams.include = {"absent", "stream", "text"};
  const auto source = Make();
  const Reading reading = Poll(*source);
  EXPECT_EQ(Names(reading), std::vector<std::string>{"stream"});
  EXPECT_EQ(Skipped(reading, "stream", "not_found"), 1u);
  EXPECT_EQ(Skipped(reading, "stream", "wrong_type"), 1u);
  EXPECT_EQ(source->telemetry().item_errors.at("wrong_type"), 1u);
  EXPECT_FALSE(source->telemetry().requests.contains("scan")) << "literal names need no SCAN";
}

TEST_P(RedisSource, AStreamThatGoesBetweenDiscoveryAndPollIsJustGone) {
  Add("a", 1);
  Add("b", 1);
  const auto source = Make();
  EXPECT_EQ(Poll(*source).streams.size(), 2u);
  client_->Command({"DEL", "a"});
  const Reading reading = Poll(*source);
  EXPECT_EQ(Names(reading), std::vector<std::string>{"b"});
  EXPECT_EQ(Skipped(reading, "stream", "not_found"), 1u);
}

TEST_P(RedisSource, FindsStreamsAmongManyKeys) {
  std::vector<RedisCommand> commands;
  for (int i = 0; i < 5000; ++i) commands.push_back({"SET", fmt::format("key-{}", i), "x"});
  client_->Pipeline(commands);
  Add("orders:1", 1);
  Add("orders:2", 1);
  Add("orders:private", 1);
  Add("other", 1);
  config_.streams.include = {"orders:*"};
  config_.streams.exclude = {"*private"};
  EXPECT_EQ(Names(Poll(*Make())), (std::vector<std::string>{"orders:1", "orders:2"}));
}

TEST_P(RedisSource, GroupsAtTheSamePlaceShareOneQuestionForTheirOldestUnreadEntry) {
  Add("orders", 10);
  for (const char* group : {"a", "b", "c"}) {
    CreateGroup("orders", group);
    Read("orders", group, "worker", 1);
  }
  const auto source = Make();
  Poll(*source);  // at the first entry the lag is exact
  const auto asked = [&] {
    const auto& requests = source->telemetry().requests;
    const auto found = requests.find("xrange");
    return found == requests.end() ? 0 : found->second;
  };
  const std::uint64_t before = asked();
  EXPECT_EQ(before, 1u);
  for (const char* group : {"a", "b"}) Read("orders", group, "worker", 3);
  Read("orders", "c", "worker", 8);  // what is unread is the last entry
  const Reading reading = Poll(*source);
  // Two groups are verified by counting in every poll: two pages each.
  EXPECT_EQ(asked() - before, 1u + 2 * 2);
  ASSERT_EQ(reading.groups.size(), 3u);
  const auto age = [&](std::size_t group) { return reading.groups[group].lag_seconds.value(); };
  EXPECT_EQ(age(0), age(1));
  EXPECT_LE(age(2), age(0));
  EXPECT_EQ(reading.groups[2].lag, 1u);
}

TEST_P(RedisSource, LimitsCutTheSameItemsEveryTimeAndCountThem) {
  for (const char* key : {"d", "c", "b", "a"}) {
    for (const char* group : {"y", "x"}) CreateGroup(key, group);
  }
  for (const char* consumer : {"1", "2", "3"}) {
    client_->Command({"XGROUP", "CREATECONSUMER", "a", "x", consumer});
  }
  config_.max_streams = 3;
  config_.max_groups = 5;
  config_.max_consumers_per_group = 2;
  const auto source = Make();
  for (int poll = 0; poll < 2; ++poll) {
    const Reading reading = Poll(*source);
    EXPECT_EQ(Names(reading), (std::vector<std::string>{"a", "b", "c"}));
    ASSERT_EQ(reading.groups.size(), 5u);
    EXPECT_EQ(reading.groups[4].name->text(), "x");
    EXPECT_EQ(reading.groups[4].stream, 2u);
    EXPECT_EQ(Skipped(reading, "stream", "limit"), 1u);
    EXPECT_EQ(Skipped(reading, "group", "limit"), 1u);
    EXPECT_EQ(Skipped(reading, "consumer", "limit"), 3u);
    EXPECT_EQ(reading.groups[0].consumer_count, 3u);
    EXPECT_FALSE(reading.groups[0].consumers_listed);
    EXPECT_TRUE(reading.groups[1].consumers_listed) << "it has none: that is a complete list";
  }
}

TEST_P(RedisSource, LargeEntriesAreLookedAtLessOften) {
  CreateGroup("large", "g");
  Add("large", 5, std::string(1 << 20, 'x'));
  Read("large", "g", "c", 5);
  const auto source = Make();
  const Reading whole = Poll(*source);
  EXPECT_EQ(whole.groups[0].lag, 0u);
  const auto before = source->telemetry().received_bytes;
  const Reading light = Poll(*source);
  EXPECT_LT(source->telemetry().received_bytes - before, 100'000u);
  EXPECT_EQ(light.streams[0].length, 5u);
  EXPECT_EQ(light.groups[0].pending, 5u);
  EXPECT_EQ(light.groups[0].lag, std::nullopt) << "not looked at: unknown";
  EXPECT_EQ(light.groups[0].lag_source, LagSource::kUnknown);
  EXPECT_EQ(Skipped(light, "stream", "deferred"), 1u);
  for (int poll = 0; poll < 7; ++poll) Poll(*source);
  EXPECT_EQ(Poll(*source).groups[0].lag, 0u) << "2 MiB cost eight light polls";
}

TEST_P(RedisSource, AStreamTooLargeToReadFailsOnePollAndIsThenSpared) {
  CreateGroup("huge", "g");
  Add("huge", 2, std::string(std::size_t{33} << 20, 'x'));
  Add("small", 1);
  const auto source = Make();
  const auto failed = source->Poll({});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().reason, Reason::kBadReply);
  const Reading reading = Poll(*source);
  EXPECT_EQ(Names(reading), (std::vector<std::string>{"huge", "small"}));
  EXPECT_EQ(reading.streams[0].length, 2u);
  EXPECT_EQ(reading.groups[0].lag, std::nullopt);
}

TEST_P(RedisSource, AnUnreadEntryTooLargeToReadDoesNotHideTheOtherStreams) {
  CreateGroup("stuck", "g");
  Add("stuck", 1);
  Read("stuck", "g", "c", 1);
  Add("stuck", 1, std::string(std::size_t{65} << 20, 'x'));
  Add("stuck", 1);
  CreateGroup("other", "g");
  Add("other", 3);
  const auto source = Make();
  const auto failed = source->Poll({});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("stream stuck: "));
  const Reading reading = Poll(*source);
  ASSERT_EQ(Names(reading), (std::vector<std::string>{"other", "stuck"}));
  EXPECT_EQ(reading.groups[0].lag, 3u);
  EXPECT_EQ(reading.groups[1].lag, std::nullopt);
  EXPECT_EQ(reading.groups[1].pending, 1u);
}

TEST_P(RedisSource, NamesThatAreTooLongForALabelAreLeftOutAndCounted) {
  const std::string longest(kLongestName, 'n');
  const std::string longer = longest + "n";
  for (const std::string& stream : {longest, longer}) {
    for (const std::string& group : {longest, longer}) CreateGroup(stream, group);
  }
  for (const std::string& consumer : {longest, longer}) {
    Add(longest, 1);
    Read(longest, longest, consumer, 1);
  }
  const Reading reading = Poll(*Make());
  EXPECT_EQ(Names(reading), (std::vector<std::string>{longest}));
  EXPECT_EQ(Skipped(reading, "stream", "limit"), 1u);
  ASSERT_EQ(reading.groups.size(), 1u);
  EXPECT_EQ(reading.groups[0].name->text(), longest);
  EXPECT_EQ(Skipped(reading, "group", "limit"), 1u);
  ASSERT_EQ(reading.groups[0].consumers.size(), 1u);
  EXPECT_EQ(reading.groups[0].consumers[0].name->text(), longest);
  EXPECT_FALSE(reading.groups[0].consumers_listed);
  EXPECT_EQ(Skipped(reading, "consumer", "limit"), 1u);
}

TEST_P(RedisSource, AStreamWithTooManyGroupsToReadIsLeftOut) {
  // Long names, as the groups of a reply are bounded by its bytes as well.
  for (int i = 0; i < 70; ++i) CreateGroup("many", std::to_string(i) + std::string(1 << 20, 'g'));
  Add("other", 3);
  const auto source = Make();
  EXPECT_FALSE(source->Poll({})) << "it may be the payloads";
  EXPECT_FALSE(source->Poll({})) << "it is not";
  const Reading reading = Poll(*source);
  EXPECT_EQ(Names(reading), (std::vector<std::string>{"other"}));
  EXPECT_EQ(Skipped(reading, "stream", "limit"), 1u);
}

TEST_P(RedisSource, MemoryIsAskedForOnRequest) {
  Add("s", 100);
  config_.stream_bytes = true;
  EXPECT_GT(Poll(*Make()).streams[0].bytes.value_or(0), 100u);
}

// docs/redis.md gives this line.
constexpr const char* kLeastRights =
    "-@all +info +time +scan +multi +exec +xinfo|stream +xinfo|groups +xinfo|consumers +xpending "
    "+xrange +xlen +client|setname";

class RedisRights : public RedisSource {
 protected:
  void CreateUser(const std::string& rights, const std::string& keys = "%R~*") {
    RedisCommand command = {"ACL", "SETUSER", "monitor", "reset", "on", ">s3cret", keys};
    std::string word;
    for (const char c : rights + " ") {
      if (c != ' ') {
        word += c;
      } else if (!word.empty()) {
        command.push_back(std::exchange(word, ""));
      }
    }
    client_->Command(command);
    config_.username = "monitor";
    config_.password = Secret::FromText("s3cret");
  }
};

INSTANTIATE_TEST_SUITE_P(Kinds, RedisRights, testing::Values(RedisKind::kRedis, RedisKind::kValkey),
                         [](const auto& test) {
                           return test.param == RedisKind::kRedis ? "Redis" : "Valkey";
                         });

TEST_P(RedisRights, TheDocumentedOnesSuffice) {
  CreateUser(kLeastRights);
  CreateGroup("s", "g");
  Add("s", 5);
  Read("s", "g", "c", 2);
  const auto source = Make();
  Poll(*source);
  const Reading reading = Poll(*source);
  EXPECT_EQ(reading.groups[0].lag, 3u);
  EXPECT_EQ(reading.groups[0].lost_total, 0u);
  EXPECT_FALSE(reading.version.empty());
  EXPECT_TRUE(source->telemetry().item_errors.empty());
}

TEST_P(RedisRights, NothingCanBeChangedWithTheDocumentedOnes) {
  CreateUser(kLeastRights);
  CreateGroup("s", "g");
  Add("s", 5);
  test::RedisClient monitor = server_->Connect();
  monitor.Command({"AUTH", "monitor", "s3cret"});
  for (const RedisCommand& change : std::vector<RedisCommand>{
           {"XADD", "s", "*", "k", "v"},
           {"XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">"},
           {"XACK", "s", "g", "1-1"},
           {"XGROUP", "SETID", "s", "g", "$"},
           {"XTRIM", "s", "MAXLEN", "0"},
           {"XDEL", "s", "1-1"},
           {"DEL", "s"},
           {"SET", "k", "v"},
           {"GET", "k"},
           {"KEYS", "*"},
           {"CONFIG", "GET", "*"},
           {"ACL", "LIST"},
           {"FLUSHALL"},
       }) {
    EXPECT_THAT(monitor.TryCommand(change).text, testing::StartsWith("NOPERM")) << change[0];
  }
}

TEST_P(RedisRights, WithoutInfoLossesAreUnknownAndTheRestIsThere) {
  CreateUser(std::string(kLeastRights) + " -info");
  CreateGroup("s", "g");
  Add("s", 5);
  Read("s", "g", "c", 2);
  const auto source = Make();
  Poll(*source);
  const Reading reading = Poll(*source);
  EXPECT_EQ(reading.groups[0].lag, 3u);
  EXPECT_EQ(reading.groups[0].lag_source, LagSource::kCounted) << "never calibrated";
  EXPECT_EQ(reading.groups[0].lost_total, std::nullopt);
  EXPECT_EQ(reading.groups[0].delivered_total, std::nullopt);
  EXPECT_EQ(reading.streams[0].appended_total, std::nullopt) << "a RENAME would not show";
  EXPECT_GT(source->telemetry().item_errors.at("unauthorized"), 0u);
}

TEST_P(RedisRights, AMissingCommandIsNamed) {
  Add("s", 1);
  struct Row {
    const char* missing;
    const char* grant;
  };
  for (const Row& row : {Row{"xinfo|groups", "grant +xinfo|groups"}, Row{"scan", "grant +scan"},
                         Row{"time", "grant +time"}, Row{"multi", "grant +multi"}}) {
    CreateUser(std::string(kLeastRights) + " -" + row.missing);
    const auto reading = Make()->Poll({});
    ASSERT_FALSE(reading) << row.missing;
    EXPECT_EQ(reading.error().reason, Reason::kUnauthorized) << row.missing;
    EXPECT_THAT(reading.error().message, HasSubstr(row.grant));
  }
}

TEST_P(RedisRights, KeysThatMayNotBeReadConcernOnlyThemselves) {
  CreateUser(kLeastRights, "%R~mine*");
  Add("mine", 1);
  Add("other", 1);
  const Reading reading = Poll(*Make());
  EXPECT_EQ(Names(reading), std::vector<std::string>{"mine"});
  EXPECT_EQ(Skipped(reading, "stream", "unauthorized"), 1u);
}

TEST_P(RedisRights, ARefusedPasswordIsReportedAndNeverRepeated) {
  CreateUser(kLeastRights);
  config_.password = Secret::FromText("wr0ng");
  const auto reading = Make()->Poll({});
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().reason, Reason::kUnauthorized);
  EXPECT_THAT(reading.error().message, HasSubstr("WRONGPASS"));
  EXPECT_THAT(reading.error().message, Not(HasSubstr("wr0ng")));
}

TEST_P(RedisRights, ARotatedPasswordIsReadAtTheNextConnect) {
  CreateUser(kLeastRights);
  Add("s", 1);
  const TempDir dir("secret");
  config_.password = Secret::FromFile(dir.Write("password", "old\n"));
  const auto source = Make();
  ASSERT_FALSE(source->Poll({}));
  dir.Write("password", "s3cret\n");
  EXPECT_EQ(Poll(*source).streams.size(), 1u);
}

}  // namespace
}  // namespace streamgauge::test
