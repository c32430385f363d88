#include "signals/time_ring.h"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

constexpr Tick kWindow = 300'000;

struct Mark {
  Tick tick = 0;
};
using Ring = TimeRing<Mark>;

Ring Filled(Tick interval, int polls, Tick start = 0) {
  Ring ring;
  for (int i = 0; i < polls; ++i) {
    ring.Push({start + static_cast<Tick>(i) * interval}, kWindow);
  }
  return ring;
}

TEST(TimeRing, CoversTheWindowWhateverThePollInterval) {
  for (const Tick interval : {200U, 1'000U, 7'000U, 10'000U, 15'000U, 30'000U, 60'000U}) {
    const Ring ring = Filled(interval, static_cast<int>(1'000'000 / interval));
    EXPECT_GE(ring.seconds(), 300) << interval;
    EXPECT_LE(ring.seconds(), 300 + 17 + interval / 1000.0) << interval;
    EXPECT_LE(ring.size(), Ring::kCapacity) << interval;
  }
}

TEST(TimeRing, TheNewestPointIsAlwaysTheLatestPolls) {
  Ring ring;
  for (Tick tick = 0; tick < 400'000; tick += 3'000) {
    ring.Push({tick}, kWindow);
    EXPECT_EQ(ring.newest().tick, tick);
  }
}

TEST(TimeRing, PointsAreThinnedOutEvenly) {
  const Ring ring = Filled(1'000, 1'000);
  for (std::size_t i = 1; i + 1 < ring.size(); ++i) {
    EXPECT_GE(ring[i].tick - ring[i - 1].tick, Ring::SpacingFor(kWindow));
    EXPECT_LE(ring[i].tick - ring[i - 1].tick, Ring::SpacingFor(kWindow) + 1'000);
  }
}

TEST(TimeRing, AGapLeavesOneOldPoint) {
  Ring ring = Filled(10'000, 40);
  ring.Push({390'000 + 250'000}, kWindow);
  EXPECT_GE(ring.seconds(), 300);
  EXPECT_GE(ring[1].tick, 640'000U - kWindow);
}

TEST(TimeRing, TheCounterOfMillisecondsMayWrap) {
  const Ring ring = Filled(10'000, 100, 0xFFFFFFFFU - 500'000U);
  EXPECT_GE(ring.seconds(), 300);
  EXPECT_LE(ring.seconds(), 330);
}

}  // namespace
}  // namespace streamgauge
