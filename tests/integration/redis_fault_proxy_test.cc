// The proxy that the fault tests rely on does what it says, seen by a plain client of a real
// server.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "support/fault_proxy.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kPatience = 300ms;

class FaultProxyTest : public testing::Test {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis),
                        "redis-server: run tools/setup.sh test");
    server_.emplace();
    proxy_.emplace(server_->port());
    ASSERT_EQ(Ask("x"), "x");
  }

  // What ECHO answers through the proxy; empty when it does not, after kPatience at most.
  std::string Ask(const std::string& text) {
    try {
      return client().Command({"ECHO", text}).text;
    } catch (const std::runtime_error&) {
      return "";
    }
  }
  RedisClient& client() {
    if (!client_) client_.emplace(proxy_->port(), kPatience);
    return *client_;
  }

  std::optional<RedisServer> server_;
  std::optional<FaultProxy> proxy_;
  std::optional<RedisClient> client_;
};

TEST_F(FaultProxyTest, PassesWhatIsLargerThanItsBuffers) {
  const std::string large(5 << 20, 'x');
  RedisClient patient(proxy_->port(), 10s);
  EXPECT_EQ(patient.Command({"ECHO", large}).text, large);
}

TEST_F(FaultProxyTest, DelaysOneWay) {
  proxy_->Set(Way::kReplies, {.delay = 100ms});
  const auto began = Clock::now();
  EXPECT_EQ(Ask("late"), "late");
  EXPECT_GE(Clock::now() - began, 100ms);
}

TEST_F(FaultProxyTest, HeldBytesArriveWhenTheFaultIsOver) {
  proxy_->Set(Way::kReplies, {.holds = true});
  RedisClient patient(proxy_->port(), 10s);
  std::jthread healer([this] {
    // The question has reached the server by then.
    (void)WaitFor([&] { return proxy_->connections() >= 2; }, 5s);
    proxy_->Heal();
  });
  EXPECT_EQ(patient.Command({"ECHO", "held"}).text, "held");
}

TEST_F(FaultProxyTest, AConnectionThatLostBytesIsDeadForEverAndOpen) {
  for (const Way way : {Way::kRequests, Way::kReplies}) {
    proxy_->Set(way, {.swallows = true});
    RedisClient victim(proxy_->port(), kPatience);
    EXPECT_THROW(victim.Command({"ECHO", "lost"}), std::runtime_error);
    proxy_->Heal();
    EXPECT_EQ(victim.Command({"ECHO", "anew"}).text, "anew") << "over another connection";
  }
  EXPECT_EQ(proxy_->accepted(), 1u + 4u);
}

TEST_F(FaultProxyTest, CutsInTheMiddleOfAReply) {
  proxy_->Set(Way::kReplies, {.cut_after = 10});
  const auto began = Clock::now();
  EXPECT_EQ(Ask("a text of more than ten bytes"), "");
  EXPECT_LT(Clock::now() - began, kPatience) << "closed, not silent";
  EXPECT_TRUE(WaitFor([&] { return proxy_->connections() == 0; }, 5s));
  EXPECT_EQ(Ask("s"), "s") << "a reply of fewer bytes, on a new connection";
}

TEST_F(FaultProxyTest, Drips) {
  proxy_->Set(Way::kReplies, {.drip_bytes = 1, .drip_every = 10ms});
  const auto began = Clock::now();
  EXPECT_EQ(Ask("0123456789"), "0123456789");  // "$10\r\n" and "\r\n" about it
  EXPECT_GE(Clock::now() - began, 150ms);
}

TEST_F(FaultProxyTest, RefusesNewConnectionsAndKeepsTheOthers) {
  proxy_->Refuse();
  EXPECT_EQ(Ask("old"), "old");
  RedisClient another(proxy_->port(), kPatience);
  EXPECT_THROW(another.Command({"PING"}), std::runtime_error);
  proxy_->Heal();
  EXPECT_EQ(another.Command({"PING"}).text, "PONG");
}

TEST_F(FaultProxyTest, ResetsWhatIsOpen) {
  proxy_->ResetAll();
  ASSERT_TRUE(WaitFor([&] { return proxy_->connections() == 0; }, 5s));
  EXPECT_EQ(Ask("gone"), "");
  EXPECT_EQ(Ask("back"), "back");
}

TEST_F(FaultProxyTest, ActsBetweenTwoCommands) {
  RedisClient direct = server_->Connect();
  direct.Command({"SET", "key", "before"});
  proxy_->Before(Way::kRequests, "GET", [&] { direct.Command({"SET", "key", "meanwhile"}); });
  EXPECT_EQ(client().Command({"STRLEN", "key"}).integer, 6);
  EXPECT_EQ(client().Command({"GET", "key"}).text, "meanwhile");
  direct.Command({"SET", "key", "after"});
  EXPECT_EQ(client().Command({"GET", "key"}).text, "after") << "once";
}

TEST_F(FaultProxyTest, AServerThatIsGoneIsARefusal) {
  server_->Kill();
  EXPECT_EQ(Ask("gone"), "");
  EXPECT_EQ(Ask("gone"), "");
}

}  // namespace
}  // namespace streamgauge::test
