#include "poll_schedule.h"

#include <gtest/gtest.h>

#include <chrono>

namespace streamgauge {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const SteadyTime kStart = SteadyTime(seconds(1000));

TEST(PollScheduleTest, TicksDoNotDriftWithThePollsDuration) {
  PollSchedule schedule(kStart, seconds(10));
  EXPECT_EQ(schedule.due(), kStart) << "the first poll waits for nothing";
  for (int i = 1; i <= 100; ++i) {
    schedule.PollEnded(schedule.due() + seconds(3), true);
    EXPECT_EQ(schedule.due(), kStart + i * seconds(10));
  }
}

TEST(PollScheduleTest, AnOverrunSkipsTheTicksItMissed) {
  struct Row {
    seconds took;
    seconds next;
    const char* why;
  };
  const Row rows[] = {
      {seconds(9), seconds(10), "in time"},
      {seconds(10), seconds(20), "exactly at the tick: that one is missed"},
      {seconds(11), seconds(20), "one tick missed"},
      {seconds(35), seconds(40), "three ticks missed"},
      {seconds(86'400), seconds(86'410), "the machine slept"},
  };
  for (const Row& row : rows) {
    PollSchedule schedule(kStart, seconds(10));
    schedule.PollEnded(kStart + row.took, true);
    EXPECT_EQ(schedule.due(), kStart + row.next) << row.why;
  }
}

TEST(PollScheduleTest, RepeatedFailuresHalveThePaceAndNoMore) {
  PollSchedule schedule(kStart, seconds(10));
  seconds at(0);
  for (const int step : {10, 20, 20, 20, 20}) {
    schedule.PollEnded(schedule.due() + seconds(1), false);
    at += seconds(step);
    EXPECT_EQ(schedule.due(), kStart + at);
  }
  schedule.PollEnded(schedule.due() + seconds(1), true);
  EXPECT_EQ(schedule.due(), kStart + at + seconds(10)) << "one success, and the pace is normal";
}

TEST(PollScheduleTest, TheBackOffEndsAtAMinute) {
  PollSchedule schedule(kStart, seconds(40));
  schedule.PollEnded(kStart, false);
  schedule.PollEnded(kStart + seconds(40), false);
  EXPECT_EQ(schedule.due(), kStart + seconds(100)) << "40s, then 60s instead of 80s";
}

TEST(PollScheduleTest, AnIntervalAboveAMinuteIsItsOwnBackOff) {
  PollSchedule schedule(kStart, minutes(5));
  schedule.PollEnded(kStart, false);
  schedule.PollEnded(kStart + minutes(5), false);
  EXPECT_EQ(schedule.due(), kStart + minutes(10)) << "never a faster pace than when all is well";
}

}  // namespace
}  // namespace streamgauge
