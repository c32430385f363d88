// A group of Redis that is moved back: what was seen before says nothing about what comes.
#include <gtest/gtest.h>

#include "signals/one_group.h"
#include "signals/simulation.h"

namespace streamgauge {
namespace {

using enum GroupState;

// Window 20 s, poll 1 s.
class Rewind : public OneGroup {
 protected:
  Rewind() : OneGroup(SignalsConfig{.window = 20s}) {
    stream().length = 300;
    stream().trimmed_total = 0;
    group().headroom_messages = 300;
    group().position = Position{300, 0};
    Poll();
    for (int i = 0; i < 24; ++i) PollAfter(1s);
  }
  void Trim(std::uint64_t count) {
    *stream().trimmed_total += count;
    *stream().length -= count;
    group().headroom_messages = *stream().length - *group().lag;
  }
  // Back to the `left`th message from the end.
  void GoBack(std::uint64_t left) {
    group().position = Position{300 - left, 0};
    group().lag = left;
    group().lag_seconds = 60;
    group().headroom_messages = *stream().length - left;
    group().rewound = true;
  }
  // Polls for three windows; the number of those with a headroom.
  int PollsWithHeadroom() {
    int polls = 0;
    for (int i = 0; i < 60; ++i) {
      PollAfter(1s);
      if (report_->groups[0].headroom_seconds) ++polls;
      EXPECT_NE(report_->groups[0].state, kLosingData) << i << " " << Reason();
    }
    return polls;
  }
};

TEST_F(Rewind, OneTrimAndGoingBackIsNoHeadroom) {
  Trim(10);
  PollAfter(2s);
  GoBack(290);
  EXPECT_EQ(PollsWithHeadroom(), 0);
  EXPECT_EQ(report_->groups[0].state, kRewound);
}

TEST_F(Rewind, OneTrimAndAGroupRecreatedInTheMiddleIsNoHeadroom) {
  Trim(10);
  PollAfter(2s);
  GoBack(200);
  ++group().incarnation;
  group().rewound = false;
  stream().appended_total.reset();
  EXPECT_EQ(PollsWithHeadroom(), 0);
}

TEST_F(Rewind, AnOldTrimIsNoTrimming) {
  for (int i = 0; i < 30; ++i) {
    if (i == 10) Trim(10);
    PollAfter(1s);
    EXPECT_TRUE(i < 17 || !report_->groups[0].headroom_seconds) << i;
  }
}

TEST_F(Rewind, GoingBackWhileThePositionIsUnknownCountsToo) {
  Trim(10);
  GoBack(200);
  for (int i = 0; i < 20; ++i) {
    group().position.reset();
    Trim(1);
    EXPECT_FALSE(PollAfter(1s).headroom_seconds) << i;
  }
}

TEST_F(Rewind, GoingBackFurtherBeginsAnew) {
  GoBack(100);
  PollAfter(15s);
  GoBack(200);
  for (int i = 0; i < 20; ++i) {
    Trim(1);
    EXPECT_FALSE(PollAfter(1s).headroom_seconds) << i;
  }
}

TEST_F(Rewind, GoingBackOnKafkaIsNoAgeing) {
  stream().retention_seconds = 3600;
  stream().partitions = {{.partition = 0, .start_offset = 0, .end_offset = 300}};
  group().partitions = {{.partition = 0, .committed_offset = 10, .lag = 290}};
  group().members = 1;
  group().pending.reset();
  GoBack(290);
  group().lag_seconds = 3000;
  for (int i = 0; i < 60; ++i) {
    PollAfter(1s);
    *group().lag_seconds += 0.01;
    EXPECT_NE(report_->groups[0].state, kLosingData) << i << " " << Reason();
  }
}

// As Redis with MAXLEN: 20 messages a second, the newest 20,000 stay. The group, which reads 5 a
// second since, goes back to the middle; trimming reaches it after some ten minutes.
TEST(RewindSimulation, TrimmingThatGoesOnIsAnnounced) {
  simulation::World world(simulation::Backbone::kRedis);
  Analyzer analyzer("simulated", SignalsConfig{}, {});
  std::optional<std::int64_t> announced;
  constexpr std::int64_t kBack = 3600;
  for (world.now = 0; world.lost() == 0 && world.now < 4 * kBack; ++world.now) {
    world.Produce(20);
    world.TrimToLength(20'000);
    if (world.now < kBack) world.Consume(100);
    if (world.now == kBack) world.GoBack(10'000);
    if (world.now > kBack) world.Consume(5);
    if (world.now % 10 != 0) continue;
    const ReportRef report = analyzer.Analyze(world.Poll());
    const GroupState state = report->groups[0].state;
    if (world.now < kBack) {
      EXPECT_NE(state, kLosingData);
    } else if (state == kLosingData && !announced) {
      announced = world.now;
    } else if (world.now > kBack + 310) {
      EXPECT_EQ(state, kLosingData) << "and stays";
    }
  }
  ASSERT_GT(world.lost(), 0U);
  ASSERT_TRUE(announced);
  EXPECT_GE(*announced, kBack + 300);
  EXPECT_LE(*announced, kBack + 310) << "a window after it went back";
  EXPECT_LE(*announced, world.now - 300) << "before the loss";
}

}  // namespace
}  // namespace streamgauge
