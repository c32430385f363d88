#include "kafka/committed_offset_track.h"

#include <gtest/gtest.h>

#include <chrono>

namespace streamgauge::kafka {
namespace {

using namespace std::chrono_literals;

const SteadyTime kStart{1h};

TEST(CommittedOffsetTrackTest, DeliveredIsTheSumOfRisesSinceTheFirstSight) {
  CommittedOffsetTrack track;
  track.Observe(100, 200, kStart);
  EXPECT_EQ(track.delivered(), 0U);
  track.Observe(130, 200, kStart + 10s);
  track.Observe(120, 200, kStart + 20s);
  track.Observe(150, 200, kStart + 30s);
  EXPECT_EQ(track.delivered(), 60U) << "what is read again is delivered again";
}

TEST(CommittedOffsetTrackTest, WhatIsCommittedBeyondTheEndWasNotDelivered) {
  CommittedOffsetTrack track;
  track.Observe(100, 200, kStart);
  track.Observe(1000, 200, kStart + 10s);
  EXPECT_EQ(track.delivered(), 0U);
  track.Observe(1000, 1100, kStart + 20s);
  EXPECT_EQ(track.delivered(), 0U) << "the log grew past it";
  track.Observe(150, 1100, kStart + 30s);
  EXPECT_EQ(track.delivered(), 0U);
  track.Observe(160, 1100, kStart + 40s);
  EXPECT_EQ(track.delivered(), 10U);
}

TEST(CommittedOffsetTrackTest, AnOldPlaceThatIsGoneIsPassed) {
  CommittedOffsetTrack track;
  track.Observe(150, 200, kStart);
  track.Observe(50, 200, kStart + 10s);
  track.TakeStart(149);
  EXPECT_TRUE(track.Rewound(kStart + 10s));
  track.TakeStart(150);
  EXPECT_FALSE(track.Rewound(kStart + 10s)) << "it cannot read any of it a second time";
}

// Else nothing that is removed before the place is reached would count as lost.
TEST(CommittedOffsetTrackTest, TheFurthestPlaceIsOneInTheLog) {
  CommittedOffsetTrack track;
  track.Observe(150, 200, kStart);
  track.Observe(1000, 200, kStart + 10s);
  EXPECT_EQ(track.furthest(), 200) << "all that was there has been passed";
  track.Observe(1000, std::nullopt, kStart + 20s);
  track.Observe(1000, 210, kStart + 30s);
  EXPECT_EQ(track.furthest(), 210) << "for a moment it might have been one";
  track.Observe(120, 220, kStart + 40s);
  EXPECT_EQ(track.furthest(), 210) << "what was finished stays so";
  track.Observe(220, 220, kStart + 50s);
  track.Observe(220, 180, kStart + 60s);
  EXPECT_EQ(track.furthest(), 180) << "truncated: what comes there now is new";
}

TEST(CommittedOffsetTrackTest, ARiseWaitsUntilTheEndIsKnown) {
  CommittedOffsetTrack track;
  track.Observe(100, 200, kStart);
  track.Observe(100, std::nullopt, kStart + 5s);
  EXPECT_EQ(track.delivered(), 0U) << "it did not move";
  track.Observe(130, std::nullopt, kStart + 10s);
  EXPECT_EQ(track.delivered(), std::nullopt);
  track.Observe(130, std::nullopt, kStart + 15s);
  EXPECT_EQ(track.delivered(), std::nullopt) << "nor does it seem to stand still then";
  track.Observe(140, 200, kStart + 20s);
  EXPECT_EQ(track.delivered(), 40U);
}

TEST(CommittedOffsetTrackTest, ItIsRewoundUntilItsOldPlaceIsPassed) {
  CommittedOffsetTrack track;
  track.Observe(100, 200, kStart);
  track.Observe(20, 200, kStart + 10s);
  EXPECT_TRUE(track.Rewound(kStart + 10s));
  track.Observe(10, 200, kStart + 20s);
  track.Observe(99, 200, kStart + 1h);
  EXPECT_TRUE(track.Rewound(kStart + 1h)) << "the place is the first one, however long it takes";
  track.Observe(100, 200, kStart + 2h);
  EXPECT_FALSE(track.Rewound(kStart + 2h));
  EXPECT_EQ(track.trusted(), 100) << "a place that went back is a place all the same";
}

TEST(CommittedOffsetTrackTest, BeyondTheEndItIsNotTrustedUntilTheNextCommit) {
  CommittedOffsetTrack track;
  track.Observe(50, 10, kStart);
  EXPECT_EQ(track.committed(), 50);
  EXPECT_EQ(track.trusted(), std::nullopt);
  EXPECT_TRUE(track.Rewound(kStart));
  track.Observe(50, 80, kStart + 10s);
  EXPECT_EQ(track.trusted(), std::nullopt) << "the log grew past it: it is no place for that";
  track.Observe(5, 80, kStart + 20s);
  EXPECT_EQ(track.trusted(), 5);
  EXPECT_FALSE(track.Rewound(kStart + 20s)) << "its old place was none";
  EXPECT_EQ(track.delivered(), 0U);
}

TEST(CommittedOffsetTrackTest, BeyondTheEndItIsForgivenAfterOneWindow) {
  CommittedOffsetTrack track;
  track.Observe(50, 10, kStart);
  track.Observe(50, 60, kStart + 4min);
  EXPECT_TRUE(track.Rewound(kStart + 4min));
  track.Observe(50, 60, kStart + 5min);
  EXPECT_EQ(track.trusted(), 50);
  EXPECT_FALSE(track.Rewound(kStart + 5min));
}

TEST(CommittedOffsetTrackTest, BeyondTheEndForLongItHasNoLagButIsRewoundNoMore) {
  CommittedOffsetTrack track;
  track.Observe(50, 10, kStart);
  track.Observe(50, 10, kStart + 6min);
  EXPECT_EQ(track.trusted(), std::nullopt);
  EXPECT_FALSE(track.Rewound(kStart + 6min));
}

TEST(CommittedOffsetTrackTest, AfterAReCreationWhatWasCommittedIsNoPlace) {
  CommittedOffsetTrack track;
  track.Observe(5, 10, kStart);
  track.TopicRecreated(kStart + 10s);
  track.Observe(5, 20, kStart + 10s);
  EXPECT_EQ(track.trusted(), std::nullopt) << "although it is within the new log";
  EXPECT_TRUE(track.Rewound(kStart + 10s));
  track.Observe(2, 20, kStart + 20s);
  EXPECT_EQ(track.trusted(), 2);
  EXPECT_FALSE(track.Rewound(kStart + 20s));
}

TEST(CommittedOffsetTrackTest, FurthestSurvivesAResetButNotTheTopic) {
  CommittedOffsetTrack track;
  track.Observe(50, 100, kStart);
  track.Observe(0, 100, kStart);
  EXPECT_EQ(track.furthest(), 50) << "records that were read once are not lost when they go";
  track.Observe(90, 100, kStart);
  track.Observe(60, 100, kStart);
  EXPECT_EQ(track.furthest(), 90);
  track.TopicRecreated(kStart);
  track.Observe(3, 100, kStart);
  EXPECT_EQ(track.furthest(), 3);
}

TEST(CommittedOffsetTrackTest, AnExpiredCommitIsNone) {
  CommittedOffsetTrack track;
  track.Observe(50, 100, kStart);
  track.ObserveNone();
  EXPECT_EQ(track.committed(), std::nullopt);
  EXPECT_EQ(track.trusted(), std::nullopt);
  track.Observe(10, 100, kStart);
  EXPECT_FALSE(track.Rewound(kStart));
  EXPECT_EQ(track.delivered(), 0U);
}

TEST(CommittedOffsetTrackTest, MovedAtIsTheLastChange) {
  CommittedOffsetTrack track;
  track.Observe(50, 100, kStart);
  track.Observe(50, 110, kStart + 10s);
  EXPECT_EQ(track.moved_at(), kStart);
  track.Observe(51, 110, kStart + 20s);
  EXPECT_EQ(track.moved_at(), kStart + 20s);
}

}  // namespace
}  // namespace streamgauge::kafka
