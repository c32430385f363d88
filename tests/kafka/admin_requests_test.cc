#include "kafka/admin_requests.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <new>

namespace streamgauge::kafka {
namespace {

using namespace std::chrono_literals;

TEST(AdminRequestsTest, WhatAPollLeavesThatThrowsIsGoneWithTheNextOne) {
  KafkaTargetConfig config;
  config.brokers = {"127.0.0.1:1"};  // nobody is there, nor asked
  WarnedKinds warned;
  const auto client = Client::Make("test", config, warned);
  ASSERT_TRUE(client);
  Telemetry telemetry;
  AdminRequests requests(telemetry, 1s);
  const auto begin_poll = [&] {
    requests.BeginPoll(**client, {}, std::chrono::steady_clock::now() + 10s);
  };
  // Stands for what the closures refer to on the stack of the poll that is left.
  auto frame = std::make_shared<int>();
  const std::weak_ptr<int> referred_to = frame;
  const auto request = [&frame](bool throws) {
    AdminRequest one;
    one.kind = "test";
    one.send = [throws](auto...) {
      if (throws) throw std::bad_alloc();
    };
    one.done = [frame](rd_kafka_event_t*) {};
    one.failed = [frame](const RequestError&) { FAIL() << "nobody is there to be told"; };
    return one;
  };
  begin_poll();
  for (const bool throws : {false, true, false}) requests.Add(request(throws));
  EXPECT_THROW(requests.Run(), std::bad_alloc);
  frame.reset();
  ASSERT_FALSE(referred_to.expired()) << "one in flight and one waiting";
  begin_poll();
  EXPECT_TRUE(referred_to.expired());
  requests.Run();
}

}  // namespace
}  // namespace streamgauge::kafka
