#include "signals/time_ring.h"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

constexpr Tick kWindow = 300'000;

struct Mark {
  Tick tick = 0;
};
using Ring = TimeRing<Mark>;

Ring Filled(Tick interval, int polls) {
  Ring ring;
  for (int i = 0; i < polls; ++i) {
    ring.Push({i * interval}, kWindow);
  }
  return ring;
}

TEST(TimeRing, CoversTheWindowWhateverThePollInterval) {
  for (const Tick interval : {200, 1'000, 7'000, 10'000, 15'000, 30'000, 60'000}) {
    const Ring ring = Filled(interval, static_cast<int>(1'000'000 / interval));
    EXPECT_GE(ring.seconds(), 300) << interval;
    EXPECT_LE(ring.seconds(), 300 + 17 + static_cast<double>(interval) / 1000) << interval;
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
  EXPECT_GE(ring[1].tick, 640'000 - kWindow);
}

}  // namespace
}  // namespace streamgauge
