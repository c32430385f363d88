#include "kafka/end_window.h"

#include <gtest/gtest.h>

#include <chrono>

namespace streamgauge::kafka {
namespace {

using namespace std::chrono_literals;

const SteadyTime kStart{1h};

double SecondsAfterStart(std::optional<SteadyTime> time) {
  return time ? ToSeconds(*time - kStart) : -1;
}

TEST(EndWindowTest, ARecordWasAppendedBetweenThePollsThatSawTheEndPassIt) {
  EndWindow window;
  window.Observe(kStart, 100);
  window.Observe(kStart + 10s, 110);
  EXPECT_NEAR(SecondsAfterStart(window.AppendedAt(100)), 0.5, 1e-6);
  EXPECT_NEAR(SecondsAfterStart(window.AppendedAt(109)), 9.5, 1e-6);
}

TEST(EndWindowTest, AnEndThatStoodStillCountsFromWhenItLastDid) {
  EndWindow window;
  window.Observe(kStart, 100);
  window.Observe(kStart + 10s, 100);
  window.Observe(kStart + 100s, 100);
  window.Observe(kStart + 110s, 101);
  EXPECT_NEAR(SecondsAfterStart(window.AppendedAt(100)), 105, 1e-6);
}

TEST(EndWindowTest, OutsideOfWhatWasWatchedNothingIsKnown) {
  EndWindow window;
  EXPECT_FALSE(window.AppendedAt(0));
  window.Observe(kStart, 100);
  window.Observe(kStart + 10s, 110);
  EXPECT_FALSE(window.AppendedAt(99)) << "before the first poll";
  EXPECT_FALSE(window.AppendedAt(110)) << "still to come";
}

TEST(EndWindowTest, AGapBetweenPollsIsNotGuessedAcross) {
  EndWindow window;
  window.Observe(kStart, 100);
  window.Observe(kStart + 16s, 110);
  window.Observe(kStart + 20s, 120);
  EXPECT_FALSE(window.AppendedAt(105));
  EXPECT_TRUE(window.AppendedAt(115));
}

TEST(EndWindowTest, WhatCameWhilePollsWereMissedIsNotGuessed) {
  EndWindow window;
  window.Observe(kStart, 100);
  window.Observe(kStart + 2s, 110, false);
  window.Observe(kStart + 3s, 120);
  EXPECT_FALSE(window.AppendedAt(105)) << "perhaps all of it when the broker was back";
  EXPECT_TRUE(window.AppendedAt(115));
  window.Observe(kStart + 5s, 120, false);
  window.Observe(kStart + 6s, 130);
  EXPECT_NEAR(SecondsAfterStart(window.AppendedAt(125)), 5.55, 0.1) << "nothing came meanwhile";
}

TEST(EndWindowTest, AFallForgetsTheFormerLog) {
  EndWindow window;
  window.Observe(kStart, 100);
  window.Observe(kStart + 5s, 200);
  window.Observe(kStart + 10s, 50);
  window.Observe(kStart + 15s, 160);
  EXPECT_FALSE(window.AppendedAt(30));
  EXPECT_NEAR(SecondsAfterStart(window.AppendedAt(150)), 14.6, 0.1);
}

TEST(EndWindowTest, TheOldestPointsGoFirst) {
  EndWindow window;
  for (int i = 0; i <= 100; ++i) window.Observe(kStart + 10s * i, i * 10);
  EXPECT_FALSE(window.AppendedAt(600));
  EXPECT_TRUE(window.AppendedAt(700));
  EXPECT_TRUE(window.AppendedAt(999));
}

}  // namespace
}  // namespace streamgauge::kafka
