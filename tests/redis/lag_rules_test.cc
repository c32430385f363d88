#include "redis/lag_rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "redis/moments.h"

namespace streamgauge {
namespace {

TEST(ExactLag, FollowsFromThePositionAtTheEnds) {
  struct Row {
    StreamFacts stream;
    std::uint64_t delivered;
    std::optional<std::uint64_t> lag;
    const char* why;
  };
  const std::vector<Row> rows = {
      {Stream(0, 9, 0, 9), 0, 0, "rule 1: nothing is there"},
      {Stream(0, 9, 0, 9), 9, 0, "rule 1: nothing is there, all was read"},
      {Stream(5, 5, 1, 5), 5, 0, "rule 1: the last entry was delivered"},
      {Stream(5, 7, 1, 5, 7), 7, 0, "rule 1: the tail was deleted, the group stood on it"},
      {Stream(5, 5, 1, 5), 0, 5, "rule 2: the group has read nothing"},
      {Stream(3, 9, 7, 9), 5, 3, "rule 2: trimming has passed the group"},
      {Stream(5, 5, 1, 5), 1, 4, "rule 3: on the first entry"},
      {Stream(1, 5, 5, 5), 5, 0, "rules 1 and 3 agree"},
      {Stream(5, 5, 1, 5), 3, std::nullopt, "in the middle: gaps cannot be seen"},
      {OldStream(5, 1, 5), 0, 5, "Redis 6: rule 2"},
      {OldStream(5, 1, 5), 3, std::nullopt, "Redis 6: in the middle"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ExactLag(row.stream, {row.delivered, 0}), row.lag) << row.why;
  }
}

// A group in the middle of a stream, whose lag was exact at the look before.
TEST(LagTracker, CarriesASkewFromAnExactMoment) {
  LagTracker tracker;
  // Ids 1 to 9 were added, 1 and 2 trimmed before the group could read them: it has read 3 to 9.
  EXPECT_EQ(tracker.Observe(At(Stream(7, 9, 3, 9), 9, 7)).source, LagSource::kExact);
  // 10 to 14 were added, of which it has read two.
  const Lag lag = tracker.Observe(At(Stream(12, 14, 3, 14), 11, 9));
  EXPECT_EQ(lag.source, LagSource::kCalibrated);
  EXPECT_EQ(lag.messages, 3u) << "A - R would say 5";
}

TEST(LagTracker, FirstSightInTheMiddleIsUnknown) {
  LagTracker tracker;
  const Lag lag = tracker.Observe(At(Stream(9, 9, 1, 9), 5, 5));
  EXPECT_EQ(lag.source, LagSource::kUnknown);
  EXPECT_EQ(lag.messages, std::nullopt) << "absent, not 0";
}

TEST(LagTracker, NilReadCountIsAbsentNotZero) {
  LagTracker tracker;
  tracker.Observe(At(Stream(9, 9, 1, 9), 9, 9));
  EXPECT_EQ(tracker.Observe(At(Stream(12, 12, 1, 12), 10, std::nullopt)).messages, std::nullopt);
}

TEST(LagTracker, CountingCalibrates) {
  LagTracker tracker;
  tracker.Observe(At(Stream(8, 9, 1, 9), 5, 5));
  tracker.Counted(3);
  const Lag lag = tracker.Observe(At(Stream(9, 10, 1, 10), 6, 6));
  EXPECT_EQ(lag.source, LagSource::kCalibrated);
  EXPECT_EQ(lag.messages, 3u);
}

TEST(LagTracker, ASnapshotWithoutItsEndsIsLeftOut) {
  LagTracker tracker;
  tracker.Observe(At(Stream(9, 9, 1, 9), 9, 9));
  StreamFacts length_only;
  length_only.length = 10;
  EXPECT_EQ(tracker.Observe(At(length_only, 9, 9)).messages, std::nullopt);
  EXPECT_EQ(tracker.Observe(At(Stream(12, 12, 1, 12), 10, 10)).source, LagSource::kCalibrated)
      << "the calibration survives it";
}

// Each row changes what is told at the second look so that a calibration must not be used.
TEST(LagTracker, ForgetsWhenTheServerCannotHaveCountedEveryDelivery) {
  struct Row {
    std::function<void(Moment& before, Moment& now)> change;
    const char* why;
  };
  const std::vector<Row> rows = {
      {[](Moment&, Moment& now) {
         now.group.delivered = {8, 0};
       },
       "D fell: SETID"},
      {[](Moment&, Moment& now) { now.group.read = 8; }, "R fell: SETID with ENTRIESREAD"},
      {[](Moment& before, Moment&) { before.stream.added = 15; }, "A fell: another stream"},
      {[](Moment& before, Moment&) {
         before.stream.last_generated = EntryId{15, 0};
       },
       "the highest id fell: another stream"},
      {[](Moment&, Moment& now) { now.group.read = 9; }, "D moved and R did not: XCLAIM LASTID"},
      {[](Moment&, Moment& now) {
         now.group.delivered = {9, 0};
       },
       "R moved and D did not"},
      {[](Moment&, Moment& now) { now.group.read.reset(); }, "R is not known now"},
      {[](Moment& before, Moment&) { before.group.read.reset(); }, "R was not known"},
      {[](Moment&, Moment& now) {
         now.stream.max_deleted = EntryId{10, 0};
       },
       "an entry after D was deleted"},
      {[](Moment&, Moment& now) {
         now.stream.max_deleted = EntryId{9, 0};
       },
       "the entry at D was deleted: newer servers then estimate R anew"},
      {[](Moment&, Moment& now) {
         now.stream.first = EntryId{10, 0};
       },
       "an entry after D may have been trimmed"},
      {[](Moment&, Moment& now) { now.epochs.groups = 1; }, "somebody called XGROUP SETID"},
      {[](Moment&, Moment& now) { now.epochs.keys = 1; }, "somebody called RENAME"},
      {[](Moment&, Moment& now) { now.epochs.claims = 1; },
       "somebody called XCLAIM, perhaps with LASTID, and the group moved"},
      {[](Moment&, Moment& now) { now.epochs.known = false; }, "INFO was refused"},
      {[](Moment& before, Moment&) {
         before.stream.last_generated = EntryId{8, 0};
       },
       "the group stood ahead of the stream: entries may have been added behind it"},
  };
  for (const Row& row : rows) {
    Moment before = At(Stream(9, 9, 1, 9), 9, 9);
    Moment now = At(Stream(14, 14, 1, 14), 11, 11);
    row.change(before, now);
    LagTracker tracker;
    tracker.Observe(before);
    EXPECT_EQ(tracker.Observe(now).source, LagSource::kUnknown) << row.why;
  }
  LagTracker unchanged;
  unchanged.Observe(At(Stream(9, 9, 1, 9), 9, 9));
  EXPECT_EQ(unchanged.Observe(At(Stream(14, 14, 1, 14), 11, 11)).messages, 3u)
      << "the rows start from what is known";
}

TEST(LagTracker, WhatIsForgottenStaysForgotten) {
  LagTracker tracker;
  tracker.Observe(At(Stream(9, 9, 1, 9), 9, 9));
  Moment disturbed = At(Stream(14, 14, 1, 14), 11, 11);
  disturbed.epochs.groups = 1;
  tracker.Observe(disturbed);
  Moment calm = At(Stream(15, 15, 1, 15), 12, 12);
  calm.epochs.groups = 1;
  EXPECT_EQ(tracker.Observe(calm).source, LagSource::kUnknown);
}

TEST(LagTracker, XclaimDoesNoHarmToAGroupThatStoodStill) {
  LagTracker tracker;
  tracker.Observe(At(Stream(9, 9, 1, 9), 9, 9));
  tracker.Observe(At(Stream(14, 14, 1, 14), 11, 11));
  Moment now = At(Stream(15, 15, 1, 15), 11, 11);
  now.epochs.claims = 1;
  EXPECT_EQ(tracker.Observe(now).messages, 4u);
}

// XSETID ENTRIESADDED and XGROUP ENTRIESREAD take any number.
TEST(LagTracker, NumbersThatWereMadeUpLeaveTheirDifferencesTrue) {
  constexpr std::uint64_t kMost = (std::uint64_t{1} << 63) - 1;
  LagTracker tracker;
  tracker.Observe(At(Stream(9, 2, 1, 9), 1, kMost - 20));
  EXPECT_EQ(tracker.Observe(At(Stream(14, 7, 1, 14), 5, kMost - 16)).messages, 9u);
  tracker.Observe(At(Stream(9, kMost - 20, 1, 9), 9, 0));
  EXPECT_EQ(tracker.Observe(At(Stream(14, kMost - 15, 1, 14), 11, 2)).messages, 3u);
}

TEST(LagTracker, AFigureOutsideItsBoundsIsNotPublished) {
  LagTracker tracker;
  tracker.Observe(At(Stream(9, 9, 1, 9), 9, 9));
  EXPECT_EQ(tracker.Observe(At(Stream(14, 14, 1, 14), 10, 30)).source, LagSource::kUnknown)
      << "a negative lag";
  tracker.Observe(At(Stream(14, 14, 1, 14), 14, 30));
  EXPECT_EQ(tracker.Observe(At(Stream(4, 100, 12, 100), 15, 31)).source, LagSource::kUnknown)
      << "more than the stream holds";
}

}  // namespace
}  // namespace streamgauge
