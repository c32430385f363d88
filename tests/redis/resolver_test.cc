#include "redis/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "support/wait_for.h"

namespace streamgauge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

// A name server that answers when it is told to. Outlives the threads that wait for it, and those
// that have yet to ask: resolvers go before it.
struct NameServer {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  int asked = 0;
  int left = 0;
  std::shared_ptr<int> used = std::make_shared<int>();  // once by each look-up that may still ask

  Resolver::Lookup Lookup() {
    return [this, use = used](const std::string&) -> Result<IpAddresses> {
      std::unique_lock lock(mutex);
      const int number = ++asked;
      changed.notify_all();
      changed.wait(lock, [this] { return open; });
      ++left;
      changed.notify_all();
      return IpAddresses{"10.0.0." + std::to_string(number)};
    };
  }
  void Open() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
  bool WaitUntil(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, seconds(20), condition);
  }
  ~NameServer() {
    Open();
    EXPECT_TRUE(test::WaitFor([this] { return used.use_count() == 1; }, seconds(20)));
    EXPECT_TRUE(WaitUntil([this] { return left == asked; }));
  }
};

TEST(Resolver, AnAddressNeedsNoNameServer) {
  NameServer server;
  Resolver resolver(server.Lookup());
  for (const auto* address : {"127.0.0.1", "::1", "2001:db8::1"}) {
    const auto found = resolver.Resolve(address, Clock::now() + seconds(10), {});
    ASSERT_TRUE(found);
    EXPECT_THAT(*found, ElementsAre(address));
  }
  EXPECT_EQ(server.asked, 0);
}

TEST(Resolver, ANameServerThatDoesNotAnswerIsWaitedForNoLongerThanWanted) {
  NameServer server;
  Resolver resolver(server.Lookup());
  const auto start = Clock::now();
  const auto found = resolver.Resolve("redis.test", start + milliseconds(100), {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason, Reason::kTimeout);
  EXPECT_THAT(found.error().message, HasSubstr("redis.test"));
  EXPECT_GE(Clock::now() - start, milliseconds(100));
  EXPECT_LT(Clock::now() - start, seconds(10));
}

TEST(Resolver, AStopEndsTheWaitAtOnce) {
  NameServer server;
  Resolver resolver(server.Lookup());
  std::stop_source stop;
  Clock::time_point stopped;
  std::jthread stopper([&] {
    EXPECT_TRUE(server.WaitUntil([&] { return server.asked == 1; }));
    stopped = Clock::now();
    stop.request_stop();
  });
  const auto found = resolver.Resolve("redis.test", Clock::now() + seconds(60), stop.get_token());
  stopper.join();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason, Reason::kUnavailable);
  EXPECT_LT(Clock::now() - stopped, seconds(5));
}

TEST(Resolver, WhoAsksAgainGetsTheAnswerToTheFirstQuestion) {
  NameServer server;
  Resolver resolver(server.Lookup());
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(resolver.Resolve("redis.test", Clock::now() + milliseconds(10), {}));
  }
  server.Open();
  const auto late = resolver.Resolve("redis.test", Clock::now() + seconds(20), {});
  ASSERT_TRUE(late);
  EXPECT_THAT(*late, ElementsAre("10.0.0.1"));
  EXPECT_EQ(server.asked, 1) << "one thread, however often it is asked";
  const auto fresh = resolver.Resolve("redis.test", Clock::now() + seconds(20), {});
  ASSERT_TRUE(fresh);
  EXPECT_THAT(*fresh, ElementsAre("10.0.0.2")) << "an answer is used once";
}

TEST(Resolver, LooksUpOnlySoManyNamesAtATime) {
  NameServer server;
  Resolver resolver(server.Lookup());
  const auto ask = [&](const std::string& name) {
    return resolver.Resolve(name, Clock::now() + milliseconds(1), {}).error();
  };
  for (std::size_t i = 0; i < Resolver::kMostLookups; ++i) {
    EXPECT_EQ(ask(std::to_string(i) + ".test").reason, Reason::kTimeout);
  }
  const Error refused = ask("one.too.many.test");
  EXPECT_EQ(refused.reason, Reason::kUnavailable);
  EXPECT_THAT(refused.message, HasSubstr("too many"));
  server.Open();
  EXPECT_TRUE(test::WaitFor(
      [&] {
        return resolver.Resolve("one.too.many.test", Clock::now() + seconds(20), {}).has_value();
      },
      seconds(20)));
}

TEST(Resolver, MayGoWhileItsThreadsWait) {
  NameServer server;
  {
    Resolver resolver(server.Lookup());
    EXPECT_FALSE(resolver.Resolve("redis.test", Clock::now() + milliseconds(1), {}));
  }
  server.Open();
}

TEST(Resolver, TheSystemKnowsThisMachineAndNoSuchName) {
  const auto found = LookUp("localhost");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(*found, Contains("127.0.0.1"));
  const auto nothing = LookUp("a name with spaces.invalid");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().reason, Reason::kUnavailable);
  EXPECT_THAT(nothing.error().message, HasSubstr("cannot look up the name a name with spaces"));
}

}  // namespace
}  // namespace streamgauge
