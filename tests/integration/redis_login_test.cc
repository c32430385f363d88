// Users, passwords that change, databases, Unix sockets and both protocols on real servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <latch>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "log/log.h"
#include "redis/connection.h"
#include "redis/redis_source.h"
#include "redis/resolver.h"
#include "redis/transport.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/temp_dir.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Key;

struct World {
  explicit World(RedisKind kind)
      : server({.kind = kind, .arguments = {"--unixsocket", socket, "--unixsocketperm", "700"}}),
        admin(server.Connect()) {}

  TempDir folder{"socket"};
  std::string socket = folder.path() / "redis.sock";
  RedisServer server;
  RedisClient admin;
};

class RedisLogin : public testing::TestWithParam<RedisKind> {
 protected:
  static void TearDownTestSuite() { worlds_.clear(); }

  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(GetParam()), "the server: run tools/setup.sh test");
    std::signal(SIGPIPE, SIG_IGN);  // as the agent does
    log::Init({.level = LogLevel::kError, .format = LogFormat::kText});
    auto& world = worlds_[GetParam()];
    if (world == nullptr) world = std::make_unique<World>(GetParam());
    world_ = world.get();
    Admin({"FLUSHALL"});
    Admin({"ACL", "SETUSER", "default", "on", "nopass"});
    Fill("s", 5);
    config_.addresses = {{.host = "127.0.0.1", .port = world_->server.port()}};
    config_.streams.include = {"s"};
  }

  void Admin(const RedisCommand& command) { world_->admin.Command(command); }
  void Fill(const std::string& key, int entries) {
    Admin({"XGROUP", "CREATE", key, "g", "0", "MKSTREAM"});
    for (int i = 0; i < entries; ++i) Admin({"XADD", key, "*", "f", "v"});
  }
  void SetUser(const std::string& name, const std::string& password) {
    Admin({"ACL", "SETUSER", name, "reset", "on", password, "~*", "&*", "+@all"});
  }

  std::unique_ptr<Source> Make() const {
    return MakeRedisSource("test", config_, {.timeout = seconds(10)});
  }
  static void ExpectLag(Source& source, std::uint64_t lag) {
    const auto reading = source.Poll({});
    ASSERT_TRUE(reading) << reading.error().message;
    ASSERT_EQ(reading->groups.size(), 1u);
    EXPECT_EQ(reading->groups[0].lag, lag);
  }
  static Error Failure(Source& source) {
    const auto reading = source.Poll({});
    if (!reading) return reading.error();
    ADD_FAILURE() << "it worked";
    return {};
  }

  static std::map<RedisKind, std::unique_ptr<World>> worlds_;
  World* world_ = nullptr;
  RedisTargetConfig config_;
};

std::map<RedisKind, std::unique_ptr<World>> RedisLogin::worlds_;

INSTANTIATE_TEST_SUITE_P(Servers, RedisLogin,
                         testing::Values(RedisKind::kRedis, RedisKind::kValkey),
                         [](const auto& kind) {
                           return kind.param == RedisKind::kRedis ? "Redis" : "Valkey";
                         });

TEST_P(RedisLogin, AUserComesInAsHimself) {
  SetUser("monitor", ">first");
  SetUser("open", "nopass");
  const std::pair<std::string, Secret> rows[] = {
      {"monitor", Secret::FromText("first")}, {"open", {}}, {"open", Secret::FromText("any")}};
  for (const auto& [name, password] : rows) {
    config_.username = name;
    config_.password = password;
    const auto source = Make();
    ExpectLag(*source, 5);
    EXPECT_THAT(world_->admin.Command({"CLIENT", "LIST"}).text,
                AllOf(HasSubstr("name=streamgauge"), HasSubstr("user=" + name)));
  }
}

TEST_P(RedisLogin, WhoIsNotLetInIsToldWhatToCheck) {
  SetUser("monitor", ">first");
  config_.username = "monitor";
  for (const Secret& password : {Secret::FromText("wrong"), Secret()}) {
    config_.password = password;
    const Error error = Failure(*Make());
    EXPECT_EQ(error.reason, Reason::kUnauthorized);
    EXPECT_THAT(error.message, AllOf(HasSubstr("WRONGPASS"), HasSubstr("check username")));
  }
  Admin({"ACL", "SETUSER", "default", "resetpass", ">needed"});
  config_.username.clear();
  config_.password = {};
  const Error error = Failure(*Make());
  EXPECT_EQ(error.reason, Reason::kUnauthorized);
  EXPECT_THAT(error.message, HasSubstr("NOAUTH"));
}

TEST_P(RedisLogin, APasswordThatChangedIsReadAgainWithoutAFailedPoll) {
  SetUser("monitor", ">first");
  const TempDir folder;
  config_.username = "monitor";
  config_.password = Secret::FromFile(folder.Write("password", "first\n"));
  const auto source = Make();
  ExpectLag(*source, 5);
  (void)folder.Write("password", "second\n");
  SetUser("monitor", ">second");
  ExpectLag(*source, 5);
  Admin({"CLIENT", "KILL", "USER", "monitor"});
  ExpectLag(*source, 5);
}

TEST_P(RedisLogin, AServerThatIsAheadOfTheFileIsBackWithTheFile) {
  SetUser("monitor", ">first");
  const TempDir folder;
  config_.username = "monitor";
  config_.password = Secret::FromFile(folder.Write("password", "first\n"));
  const auto source = Make();
  ExpectLag(*source, 5);
  SetUser("monitor", ">second");
  Admin({"CLIENT", "KILL", "USER", "monitor"});
  EXPECT_EQ(Failure(*source).reason, Reason::kUnauthorized);
  (void)folder.Write("password", "second\n");
  ExpectLag(*source, 5);
}

TEST_P(RedisLogin, AUserWhoIsRemovedIsOutAndComesBack) {
  SetUser("monitor", ">first");
  config_.username = "monitor";
  config_.password = Secret::FromText("first");
  const auto source = Make();
  ExpectLag(*source, 5);
  Admin({"ACL", "DELUSER", "monitor"});
  // The server ends the connection when it comes to it.
  EXPECT_TRUE(WaitFor(
      [&] {
        const auto reading = source->Poll({});
        return !reading && reading.error().reason == Reason::kUnauthorized;
      },
      seconds(10)));
  SetUser("monitor", ">first");
  ExpectLag(*source, 5);
}

TEST_P(RedisLogin, ADatabaseIsAWorldOfItsOwn) {
  Admin({"SELECT", "3"});
  Fill("s", 2);
  Admin({"SELECT", "0"});
  ExpectLag(*Make(), 5);
  config_.addresses[0].database = 3;
  ExpectLag(*Make(), 2);
  config_.addresses[0].database = 999;
  const Error error = Failure(*Make());
  EXPECT_EQ(error.reason, Reason::kNotFound);
  EXPECT_THAT(error.message, HasSubstr("check the database in the address"));
}

TEST_P(RedisLogin, AUnixSocketIsAsGoodAsAPort) {
  Admin({"SELECT", "3"});
  Fill("s", 2);
  Admin({"SELECT", "0"});
  config_.addresses = {{.host = "", .port = 0, .database = 3, .socket = world_->socket}};
  ExpectLag(*Make(), 2);
  config_.streams.include = {"*"};
  ExpectLag(*Make(), 2);
}

// A socket's file that its server has left behind.
void LeaveSocket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  close(fd);
}

TEST_P(RedisLogin, ASocketWithoutAServerIsToldApartFromNone) {
  const std::string path = world_->folder.path() / "other.sock";
  config_.addresses = {{.host = "", .port = 0, .socket = path}};
  Error error = Failure(*Make());
  EXPECT_EQ(error.reason, Reason::kUnavailable);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("unix:" + path), HasSubstr("No such file"), HasSubstr("unixsocket")));
  LeaveSocket(path);
  error = Failure(*Make());
  EXPECT_EQ(error.reason, Reason::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("no server listens there"));
  unlink(path.c_str());
}

TEST_P(RedisLogin, AllAddressesOfANameAreTried) {
  const NodeLogin login{.address = {.host = "redis.test", .port = world_->server.port()},
                        .timeout = seconds(10)};
  Resolver several([](const std::string&) -> Result<IpAddresses> {
    return IpAddresses{"::1", "127.0.0.2", "127.0.0.1"};
  });
  const auto transport = Transport::Open(login, several, {});
  EXPECT_TRUE(transport) << transport.error().message;
  Resolver wrong([](const std::string&) -> Result<IpAddresses> {
    return IpAddresses{"127.0.0.2", "127.0.0.3"};
  });
  const auto refused = Transport::Open(login, wrong, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kUnavailable);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("redis.test:"), HasSubstr("127.0.0.2: Connection refused; "),
                    HasSubstr("127.0.0.3: Connection refused")));
}

TEST_P(RedisLogin, ANameServerThatDoesNotAnswerEndsInATimeout) {
  std::latch over(1);
  Resolver hanging([&](const std::string&) -> Result<IpAddresses> {
    over.wait();
    return IpAddresses{"127.0.0.1"};
  });
  const NodeLogin login{.address = {.host = "redis.test", .port = world_->server.port()},
                        .timeout = seconds(1)};
  const auto start = std::chrono::steady_clock::now();
  const auto timeout = Transport::Open(login, hanging, {});
  ASSERT_FALSE(timeout);
  EXPECT_EQ(timeout.error().reason, Reason::kTimeout);
  EXPECT_THAT(timeout.error().message, HasSubstr("redis.test"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(10));
  over.count_down();
  EXPECT_TRUE(Transport::Open(login, hanging, {})) << "by the answer that came late";
}

Result<std::unique_ptr<Connection>> OpenWithResp3(const NodeLogin& login, Traffic& traffic,
                                                  std::stop_token stop) {
  auto connection = OpenConnection(login, traffic, stop);
  if (!connection) return connection;
  CommandBatch batch;
  batch.Add(Request::kClientSetName, {"HELLO", "3"});
  const auto take = [](std::size_t, const Reply& reply) { EXPECT_FALSE(reply.IsError()); };
  const auto changed = (*connection)->Exchange(batch, take, stop);
  if (!changed) return std::unexpected(changed.error());
  return connection;
}

// The figures of a reading, without those that go on by themselves.
std::string FiguresOf(const Reading& reading) {
  std::string text;
  const auto add = [&text](const auto& value) {
    text += value ? std::to_string(*value) + " " : std::string("- ");
  };
  for (const StreamReading& stream : reading.streams) {
    text += "\n" + std::string(stream.name->text()) + ": ";
    add(stream.length);
    add(stream.appended_total);
    add(stream.removed_total);
    add(stream.span_seconds);
    add(stream.bytes);
    add(stream.group_count);
  }
  for (const GroupReading& group : reading.groups) {
    text += "\n " + std::string(group.name->text()) + ": ";
    add(group.lag);
    add(group.pending);
    add(group.max_deliveries);
    add(group.pending_trimmed);
    add(group.headroom_messages);
    add(group.delivered_total);
    add(group.acknowledged_total);
    add(group.lost_total);
    add(group.consumer_count);
    text += group.lag_seconds ? "age " : "no age ";
    text += group.oldest_pending_seconds ? "pending age " : "no pending age ";
    text += group.oldest_pending_idle_seconds ? "idle " : "no idle ";
    for (const ConsumerReading& consumer : group.consumers) {
      text += std::string(consumer.name->text()) + "=";
      add(consumer.pending);
      text += consumer.idle_seconds ? "idle " : "no idle ";
      text += consumer.inactive_seconds ? "inactive " : "no inactive ";
    }
  }
  for (const SkippedItems& items : reading.skipped) {
    text +=
        "\n" + std::string(items.kind) + std::string(items.reason) + std::to_string(items.count);
  }
  return text;
}

TEST_P(RedisLogin, BothProtocolsTellTheSameOfEverythingThatIsAsked) {
  const auto change = [&](int round) {
    for (int i = 0; i < 10; ++i) Admin({"XADD", "s", "*", "f", "v"});
    const std::string consumer = "c" + std::to_string(round);
    Admin({"XREADGROUP", "GROUP", "g", consumer, "COUNT", "4", "STREAMS", "s", ">"});
    Admin({"XTRIM", "s", "MAXLEN", "=", "12"});  // some that are pending among them
    Admin({"XADD", "large", "*", "f", std::string(300'000, 'x')});
  };
  Admin({"XGROUP", "CREATE", "large", "g", "0", "MKSTREAM"});
  Admin({"XGROUP", "CREATE", "s", "at the end", "$"});
  Admin({"XADD", "empty", "*", "f", "v"});
  Admin({"XTRIM", "empty", "MAXLEN", "0"});
  Admin({"SET", "no stream", "v"});
  config_.streams.include = {"s", "l*", "e*", "no stream", "missing"};
  config_.stream_bytes = true;
  const auto resp2 = Make();
  const auto resp3 = MakeRedisSource("test", config_, {.timeout = seconds(10)}, OpenWithResp3);
  for (int round = 0; round < 5; ++round) {
    change(round);
    const auto by_2 = resp2->Poll({});
    const auto by_3 = resp3->Poll({});
    ASSERT_TRUE(by_2) << by_2.error().message;
    ASSERT_TRUE(by_3) << by_3.error().message;
    ASSERT_GE(by_2->groups.size(), 3u);
    EXPECT_EQ(FiguresOf(*by_2), FiguresOf(*by_3)) << "round " << round;
    EXPECT_EQ(by_2->version, by_3->version);
  }
  for (const auto* request :
       {"info", "scan", "time", "multi", "exec", "xinfo_stream", "xinfo_groups", "xinfo_consumers",
        "xpending", "xrange", "xlen", "memory_usage", "client_setname"}) {
    EXPECT_THAT(resp3->telemetry().requests, Contains(Key(request)));
  }
}

// A server that tracks what we read tells of changes between the answers, and unasked.
TEST_P(RedisLogin, WhatAServerPushesIsNoAnswer) {
  const auto open = [](const NodeLogin& login, Traffic& traffic,
                       std::stop_token stop) -> Result<std::unique_ptr<Connection>> {
    auto connection = OpenWithResp3(login, traffic, stop);
    if (!connection) return connection;
    CommandBatch batch;
    batch.Add(Request::kClientSetName, {"CLIENT", "TRACKING", "ON", "BCAST"});
    const auto changed = (*connection)->Exchange(batch, [](std::size_t, const Reply&) {}, stop);
    if (!changed) return std::unexpected(changed.error());
    return connection;
  };
  const auto source = MakeRedisSource("test", config_, {.timeout = seconds(10)}, open);
  ExpectLag(*source, 5);
  for (std::uint64_t lag = 6; lag < 20; ++lag) {
    Admin({"XADD", "s", "*", "f", "v"});
    ExpectLag(*source, lag);
  }
}

}  // namespace
}  // namespace streamgauge::test
