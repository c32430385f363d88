// The source while its server is gone, hangs, comes back, or is no Redis at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <new>
#include <ranges>
#include <string>
#include <thread>
#include <utility>

#include "log/log.h"
#include "redis/connection.h"
#include "redis/redis_source.h"
#include "support/fault_proxy.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

class RedisOutage : public testing::Test {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis),
                        "redis-server: run tools/setup.sh test");
    std::signal(SIGPIPE, SIG_IGN);  // as the agent does
    log::Init({.level = LogLevel::kError, .format = LogFormat::kText});
    server_.emplace();
    config_.addresses = {{.host = "127.0.0.1", .port = server_->port()}};
    config_.discovery_interval = milliseconds(200);
    Fill();
  }

  void Fill() {
    RedisClient client = server_->Connect();
    client.Command({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
    for (int i = 0; i < 5; ++i) client.Command({"XADD", "s", "*", "f", "v"});
  }

  std::unique_ptr<Source> Make(Duration timeout = seconds(10)) {
    return MakeRedisSource("test", config_, {.timeout = timeout});
  }

  static void ExpectLag(Source& source, std::uint64_t lag) {
    const auto reading = source.Poll({});
    ASSERT_TRUE(reading) << reading.error().message;
    ASSERT_EQ(reading->groups.size(), 1u);
    EXPECT_EQ(reading->groups[0].lag, lag);
  }

  std::optional<RedisServer> server_;
  RedisTargetConfig config_;
};

TEST_F(RedisOutage, DownAtStartIsReportedAndFoundLater) {
  server_->Kill();
  const auto source = Make();
  for (int i = 0; i < 2; ++i) {
    const auto reading = source->Poll({});
    ASSERT_FALSE(reading);
    EXPECT_EQ(reading.error().reason, Reason::kUnavailable);
    EXPECT_THAT(reading.error().message, testing::HasSubstr(server_->address()));
  }
  server_->Start();
  Fill();
  ExpectLag(*source, 5);
}

TEST_F(RedisOutage, KilledAndBackEmptyTellsNothingOfBefore) {
  const auto source = Make();
  ExpectLag(*source, 5);
  server_->Kill();
  const auto gone = source->Poll({});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().reason, Reason::kUnavailable);
  server_->Start();
  const auto empty = source->Poll({});
  ASSERT_TRUE(empty) << empty.error().message;
  EXPECT_TRUE(empty->streams.empty());
  EXPECT_TRUE(empty->groups.empty());
  Fill();
  EXPECT_TRUE(WaitFor([&] { return !source->Poll({})->groups.empty(); }, seconds(10)));
  ExpectLag(*source, 5);
}

TEST_F(RedisOutage, AHangEndsInATimeoutAndIsOver) {
  const auto source = Make(milliseconds(300));
  ExpectLag(*source, 5);
  server_->Pause();
  const auto start = Clock::now();
  const auto reading = source->Poll({});
  const auto took = Clock::now() - start;
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().reason, Reason::kTimeout);
  EXPECT_GE(took, milliseconds(300));
  EXPECT_LT(took, seconds(2));
  const auto again = source->Poll({});
  ASSERT_FALSE(again) << "the kernel accepts, the server does not answer";
  EXPECT_EQ(again.error().reason, Reason::kTimeout);
  server_->Resume();
  ExpectLag(*source, 5);
}

TEST_F(RedisOutage, AStopInterruptsAPollThatHangs) {
  const auto source = Make(seconds(60));
  ExpectLag(*source, 5);
  server_->Pause();
  std::stop_source stop;
  Clock::time_point stopped;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));  // the poll hangs by now
    stopped = Clock::now();
    stop.request_stop();
  });
  EXPECT_FALSE(source->Poll(stop.get_token()));
  stopper.join();
  EXPECT_LT(Clock::now() - stopped, seconds(1));
  server_->Resume();
}

TEST_F(RedisOutage, EndingASourceDoesNotWaitForItsDiscovery) {
  auto source = Make(seconds(60));
  server_->Pause();
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  EXPECT_FALSE(source->Poll(stop.get_token()));
  const auto start = Clock::now();
  source.reset();
  EXPECT_LT(Clock::now() - start, seconds(1));
  server_->Resume();
}

TEST_F(RedisOutage, AConnectionThatWasLostBetweenPollsIsMadeAnewWithoutAFailedPoll) {
  const auto source = Make();
  ExpectLag(*source, 5);
  server_->Connect().Command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  ExpectLag(*source, 5);
}

TEST_F(RedisOutage, TotalsGoOnOverALostConnectionToTheSameServer) {
  const auto source = Make();
  ExpectLag(*source, 5);
  RedisClient client = server_->Connect();
  client.Command({"XADD", "s", "*", "f", "v"});
  client.Command({"XREADGROUP", "GROUP", "g", "c", "COUNT", "4", "STREAMS", "s", ">"});
  server_->Connect().Command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  const auto reading = source->Poll({});
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->streams[0].appended_total, 1u);
  EXPECT_EQ(reading->groups[0].delivered_total, 4u);
}

TEST_F(RedisOutage, WhatHappenedWhileAGroupWasMovedInAnOutageIsNotKnown) {
  const auto source = Make();
  ExpectLag(*source, 5);
  server_->Connect().Command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  server_->Connect().Command({"XGROUP", "SETID", "s", "g", "$"});
  const auto reading = source->Poll({});
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->groups[0].delivered_total, std::nullopt);
  EXPECT_EQ(reading->streams[0].appended_total, 0u);
}

TEST_F(RedisOutage, TotalsOfAnotherServerAreAbsentAtFirst) {
  const auto source = Make();
  ExpectLag(*source, 5);
  server_->Kill();
  ASSERT_FALSE(source->Poll({}));
  server_->Start();
  Fill();
  server_->Connect().Command({"XADD", "s", "*", "f", "v"});  // more than before: nothing fell
  const auto reading = source->Poll({});
  ASSERT_TRUE(reading) << reading.error().message;
  ASSERT_EQ(reading->streams.size(), 1u);
  EXPECT_EQ(reading->streams[0].appended_total, std::nullopt);
  EXPECT_EQ(reading->groups[0].delivered_total, std::nullopt);
}

TEST_F(RedisOutage, AReplyThatIsTooLargeIsRefused) {
  server_->Connect().Command({"SET", "large", std::string(1 << 20, 'x')});
  Traffic traffic;
  const NodeLogin login{
      .address = config_.addresses[0], .timeout = seconds(10), .max_reply_bytes = 100'000};
  const auto connection = OpenConnection(login, traffic, {});
  ASSERT_TRUE(connection);
  CommandBatch batch;
  batch.Add(Request::kTime, {"TIME"});
  batch.Add(Request::kTime, {"GET", "large"});
  std::size_t answered = 0;
  const auto exchanged =
      (*connection)->Exchange(batch, [&](std::size_t, const Reply&) { ++answered; }, {});
  ASSERT_FALSE(exchanged);
  EXPECT_EQ(exchanged.error().reason, Reason::kBadReply);
  EXPECT_EQ(answered, 1u);
}

// It is known from its first bytes, and from the second poll on the stream is spared.
TEST_F(RedisOutage, AReplyThatTheNetworkIsTooSlowForDoesNotHideTheOtherStreams) {
  RedisClient client = server_->Connect();
  for (int i = 0; i < 2; ++i) client.Command({"XADD", "huge", "*", "f", std::string(8 << 20, 'x')});
  FaultProxy proxy(server_->port());
  proxy.Set(Way::kReplies, {.drip_bytes = 16384, .drip_every = milliseconds(4)});
  config_.addresses = {{"127.0.0.1", proxy.port(), 0}};
  config_.streams.include = {"huge", "s"};
  const auto source = Make(milliseconds(1000));
  const auto first = source->Poll({});
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().reason, Reason::kBadReply) << first.error().message;
  const auto second = source->Poll({});
  ASSERT_TRUE(second) << second.error().message;
  ASSERT_EQ(second->streams.size(), 2u);
  EXPECT_EQ(second->streams[0].length, 2u);
  ASSERT_EQ(second->groups.size(), 1u);
  EXPECT_EQ(second->groups[0].lag, 5u);
}

TEST_F(RedisOutage, AServerThatTurnsUsAwayBeforeItIsAskedIsUnavailable) {
  RedisClient admin = server_->Connect();
  admin.Command({"CONFIG", "SET", "maxclients", "1"});
  Traffic traffic;
  const NodeLogin login{.address = config_.addresses[0], .timeout = seconds(10)};
  const auto connection = OpenConnection(login, traffic, {});
  ASSERT_TRUE(connection);
  ASSERT_TRUE(WaitFor(
      [&] {
        return admin.Command({"INFO", "stats"}).text.find("rejected_connections:1") !=
               std::string::npos;
      },
      seconds(10)));
  CommandBatch batch;
  batch.Add(Request::kTime, {"TIME"});
  const auto exchanged = (*connection)->Exchange(batch, [](std::size_t, const Reply&) {}, {});
  ASSERT_FALSE(exchanged);
  EXPECT_EQ(exchanged.error().reason, Reason::kUnavailable) << exchanged.error().message;
  EXPECT_THAT(exchanged.error().message, testing::HasSubstr("raise maxclients"));
}

TEST_F(RedisOutage, AServerThatSaysMoreThanItWasAskedIsNotBelieved) {
  Traffic traffic;
  const NodeLogin login{.address = config_.addresses[0], .timeout = seconds(10)};
  const auto ignore = [](std::size_t, const Reply&) {};
  const auto subscribe = [](std::initializer_list<std::string_view> words) {
    CommandBatch batch;
    batch.Add(Request::kTime, words);
    return batch;
  };
  const auto at_once = OpenConnection(login, traffic, {});
  ASSERT_TRUE(at_once);
  const auto surplus = (*at_once)->Exchange(subscribe({"SUBSCRIBE", "a", "b"}), ignore, {});
  ASSERT_FALSE(surplus) << "two replies to one command";
  EXPECT_EQ(surplus.error().reason, Reason::kBadReply);

  const auto later = OpenConnection(login, traffic, {});
  ASSERT_TRUE(later);
  ASSERT_TRUE((*later)->Exchange(subscribe({"SUBSCRIBE", "a"}), ignore, {}));
  server_->Connect().Command({"PUBLISH", "a", "unasked"});
  // It comes as soon as the kernel has passed it on.
  Result<void> refused;
  (void)WaitFor([&] { return !(refused = (*later)->Exchange(subscribe({"PING"}), ignore, {})); },
                seconds(10));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kBadReply);
}

// A connection whose replies can be made to throw, as when memory is short.
class ThrowingConnection final : public Connection {
 public:
  ThrowingConnection(std::unique_ptr<Connection> inner, const bool& throws)
      : inner_(std::move(inner)), throws_(throws) {}
  Result<void> Exchange(const CommandBatch& batch, const ReplyHandler& handle,
                        std::stop_token stop) override {
    const auto take = [&](std::size_t command, const Reply& reply) {
      handle(command, reply);
      if (throws_) throw std::bad_alloc();
    };
    return inner_->Exchange(batch, take, stop);
  }

 private:
  std::unique_ptr<Connection> inner_;
  const bool& throws_;
};

TEST_F(RedisOutage, AnExceptionInAPollLeavesNoAnswersToTheNextOne) {
  bool throws = false;
  config_.streams.include = {"s"};  // no other thread uses the connections
  const auto source =
      MakeRedisSource("test", config_, {.timeout = seconds(10)},
                      [&](const NodeLogin& login, Traffic& traffic,
                          std::stop_token stop) -> Result<std::unique_ptr<Connection>> {
                        auto inner = OpenConnection(login, traffic, stop);
                        if (!inner) return inner;
                        return std::make_unique<ThrowingConnection>(std::move(*inner), throws);
                      });
  ExpectLag(*source, 5);
  throws = true;
  EXPECT_THROW((void)source->Poll({}), std::bad_alloc);
  throws = false;
  ExpectLag(*source, 5);
}

// A connection on which every exchange takes a while.
class SlowConnection final : public Connection {
 public:
  SlowConnection(std::unique_ptr<Connection> inner, milliseconds delay)
      : inner_(std::move(inner)), delay_(delay) {}
  Result<void> Exchange(const CommandBatch& batch, const ReplyHandler& handle,
                        std::stop_token stop) override {
    std::this_thread::sleep_for(delay_);
    return inner_->Exchange(batch, handle, stop);
  }

 private:
  std::unique_ptr<Connection> inner_;
  milliseconds delay_;
};

std::uint64_t Deferred(const Reading& reading, std::string_view kind) {
  std::uint64_t count = 0;
  for (const SkippedItems& items : reading.skipped) {
    if (items.kind == kind && items.reason == "deferred") count += items.count;
  }
  return count;
}

TEST_F(RedisOutage, WhatASlowServerHasNoTimeForComesFirstInTheNextPoll) {
  constexpr std::size_t kStreams = 400;
  RedisClient client = server_->Connect();
  client.Command({"DEL", "s"});
  config_.streams.include.clear();
  for (std::size_t i = 0; i < kStreams; ++i) {
    config_.streams.include.push_back("orders:" + std::to_string(i));
    client.Command({"XGROUP", "CREATE", config_.streams.include.back(), "g", "0", "MKSTREAM"});
    client.Command({"XADD", config_.streams.include.back(), "*", "f", "v"});
    client.Command({"XADD", config_.streams.include.back(), "*", "f", "v"});
    client.Command({"XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS",
                    config_.streams.include.back(), ">"});
  }
  // 62 streams an exchange: no poll comes to all of them, nor to all details.
  const auto source = MakeRedisSource(
      "test", config_, {.timeout = seconds(10), .poll_budget = milliseconds(120)},
      [](const NodeLogin& login, Traffic& traffic,
         std::stop_token stop) -> Result<std::unique_ptr<Connection>> {
        auto inner = OpenConnection(login, traffic, stop);
        if (!inner) return inner;
        return std::make_unique<SlowConnection>(std::move(*inner), milliseconds(30));
      });
  std::map<std::string, int> seen;
  std::map<std::string, int> detailed;
  const auto all_detailed = [&] { return detailed.size() == kStreams; };
  for (int poll = 0; poll < 12 || (!all_detailed() && poll < 60); ++poll) {
    const auto began = Clock::now();
    const auto reading = source->Poll({});
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_LT(Clock::now() - began, seconds(2)) << "about the budget, and no more";
    EXPECT_EQ(reading->streams.size() + Deferred(*reading, "stream"), kStreams);
    EXPECT_GT(Deferred(*reading, "stream"), 0u);
    for (const GroupReading& group : reading->groups) {
      const std::string name(reading->streams[group.stream].name->text());
      ++seen[name];
      EXPECT_EQ(group.pending, 1u);
      if (group.oldest_pending_idle_seconds) ++detailed[name];
    }
  }
  EXPECT_EQ(seen.size(), kStreams) << "everybody has a turn";
  EXPECT_TRUE(all_detailed());
  const auto times = std::views::values(seen);
  EXPECT_LE(std::ranges::max(times) - std::ranges::min(times), 1) << "and nobody has more";
}

TEST_F(RedisOutage, BurstsLargerThanTheSocketsBuffersDoNotBlock) {
  Traffic traffic;
  const NodeLogin login{.address = config_.addresses[0], .timeout = seconds(30)};
  const auto connection = OpenConnection(login, traffic, {});
  ASSERT_TRUE(connection);
  const std::string text(1000, 'x');
  CommandBatch batch;
  for (int i = 0; i < 30'000; ++i) batch.Add(Request::kTime, {"ECHO", text});
  std::size_t answered = 0;
  const auto exchanged =
      (*connection)
          ->Exchange(batch,
                     [&](std::size_t, const Reply& reply) { answered += reply.text() == text; },
                     {});
  ASSERT_TRUE(exchanged) << exchanged.error().message;
  EXPECT_EQ(answered, 30'000u);
  EXPECT_EQ(traffic.round_trips, 1u);
  EXPECT_GT(traffic.received_bytes, 30'000'000u);
}

}  // namespace
}  // namespace streamgauge::test
