// The Kafka source when brokers are not there, die, hang and come back.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "kafka_polled.h"
#include "support/kafka_broker.h"
#include "support/loopback.h"
#include "support/require.h"
#include "support/silent_server.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using test::KafkaBroker;
using test::KafkaTarget;
using test::PolledKafka;
using test::WaitFor;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(KafkaOutageTest, ABrokerThatIsNotThereIsUnavailableWithinTheTimeout) {
  PolledKafka source(KafkaTarget("127.0.0.1:" + std::to_string(test::FreePort())), 1s);
  const auto begin = Clock::now();
  const auto result = source.TryPoll();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::kUnavailable) << result.error().message;
  EXPECT_LT(Clock::now() - begin, 2500ms);
}

TEST(KafkaOutageTest, SomethingThatAcceptsAndIsSilentIsATimeoutWithAdvice) {
  // The kernel accepts for it, as a server of another kind would that waits to be asked.
  const test::SilentServer silent;
  PolledKafka source(KafkaTarget("127.0.0.1:" + std::to_string(silent.port())), 1s);
  const auto result = source.TryPoll();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::kTimeout);
  EXPECT_NE(result.error().message.find("check brokers, security.protocol and sasl.*"),
            std::string::npos)
      << result.error().message;
}

TEST(KafkaOutageTest, ABrokerThatDiesHangsAndComesBackLeavesNoFalseFigure) {
  STREAMGAUGE_REQUIRE(KafkaBroker::Available(), "Kafka and Java: run tools/setup.sh test");
  KafkaBroker broker;
  auto client = std::make_unique<test::KafkaClient>(broker.bootstrap());
  client->CreateTopic("orders", 2);
  client->Produce("orders", 0, 10);
  client->CommitOffsets("billing", {{"orders", 0, 4}, {"orders", 1, 0}});
  client.reset();

  // Everything that a poll says of the group, while the broker does what it likes.
  const auto is_true = [](const PolledKafka& source) {
    const GroupReading* group = source.Group("orders", "billing");
    return group != nullptr && group->lag == 6U && group->delivered_total == 0U &&
           group->lost_total == 0U && !group->rewound;
  };
  PolledKafka source(KafkaTarget(broker.bootstrap()), 1500ms);
  source.Poll();
  ASSERT_TRUE(is_true(source));

  broker.Pause();
  auto begin = Clock::now();
  const auto hanging = source.TryPoll();
  ASSERT_FALSE(hanging);
  EXPECT_EQ(hanging.error().reason, Reason::kTimeout) << hanging.error().message;
  EXPECT_LT(Clock::now() - begin, 3s);
  std::stop_source stop;
  std::jthread stopper([&stop] {
    std::this_thread::sleep_for(300ms);
    stop.request_stop();
  });
  begin = Clock::now();
  EXPECT_FALSE(source.TryPoll(stop.get_token()));
  EXPECT_LT(Clock::now() - begin, 700ms) << "a stop is noticed while a broker hangs";
  broker.Resume();
  ASSERT_TRUE(WaitFor([&] { return source.TryPoll().has_value(); }, 20s, 50ms));
  source.Poll();
  EXPECT_TRUE(is_true(source));

  broker.Kill();
  ASSERT_TRUE(WaitFor([&] { return !source.TryPoll().has_value(); }, 10s, 10ms));
  begin = Clock::now();
  const auto dead = source.TryPoll();
  ASSERT_FALSE(dead);
  EXPECT_EQ(dead.error().reason, Reason::kUnavailable) << dead.error().message;
  EXPECT_LT(Clock::now() - begin, 2500ms);

  // While it comes up, lists may be short and coordinators loading: figures are right or absent.
  std::atomic<bool> up = false;
  int polls = 0;
  int wrong = 0;
  std::jthread poller([&] {
    while (!up) {
      auto reading = source.TryPoll();
      if (!reading) continue;
      ++polls;
      for (const GroupReading& group : reading->groups) {
        if (group.lag && group.lag != 6U) ++wrong;
        if (group.rewound) ++wrong;
      }
    }
  });
  broker.Start();
  up = true;
  poller.join();
  EXPECT_EQ(wrong, 0) << "of " << polls << " polls";
  ASSERT_TRUE(WaitFor([&] { return source.TryPoll().has_value(); }, 20s, 50ms));
  source.Poll();
  EXPECT_TRUE(is_true(source));
}

}  // namespace
}  // namespace streamgauge
