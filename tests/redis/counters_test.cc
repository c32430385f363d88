#include "redis/counters.h"

#include <gtest/gtest.h>

#include <vector>

#include "redis/moments.h"

namespace streamgauge {
namespace {

constexpr Epochs kCalm{.known = true};

TEST(StreamCounters, StartAtZeroAndSumRises) {
  StreamCounters counters;
  EXPECT_EQ(counters.Observe(Stream(5, 100, 96, 100), kCalm).appended, 0u);
  const auto totals = counters.Observe(Stream(5, 110, 106, 110), kCalm);
  EXPECT_EQ(totals.appended, 10u);
  EXPECT_EQ(totals.removed, 10u);
  EXPECT_EQ(totals.trimmed, 10u);
}

void ExpectNothing(const StreamCounters::Totals& totals) {
  EXPECT_EQ(totals.appended, std::nullopt);
  EXPECT_EQ(totals.removed, std::nullopt);
  EXPECT_EQ(totals.trimmed, std::nullopt);
}

TEST(StreamCounters, AFallIsANewBaseline) {
  StreamCounters counters;
  counters.Observe(Stream(5, 100, 96, 100), kCalm);
  counters.Observe(Stream(5, 110, 106, 110), kCalm);
  ExpectNothing(counters.Observe(Stream(3, 3, 1, 3), kCalm));
  EXPECT_EQ(counters.Observe(Stream(4, 4, 1, 4), kCalm).appended, 11u);
}

TEST(StreamCounters, AKeyMovedByHandIsANewBaseline) {
  StreamCounters counters;
  counters.Observe(Stream(5, 100, 96, 100), kCalm);
  counters.Observe(Stream(5, 101, 97, 101), kCalm);
  const Epochs renamed{.known = true, .keys = 1};
  ExpectNothing(counters.Observe(Stream(5, 900, 896, 900), renamed));
  const auto totals = counters.Observe(Stream(5, 902, 898, 902), renamed);
  EXPECT_EQ(totals.appended, 3u) << "the sum comes back, and never falls";
  EXPECT_EQ(totals.removed, 3u);
  EXPECT_EQ(totals.trimmed, 3u);
}

TEST(StreamCounters, KeysMovedByHandInEveryPollLeaveNothingToTell) {
  StreamCounters counters;
  counters.Observe(Stream(5, 100, 96, 100), kCalm);
  for (std::uint64_t i = 1; i < 4; ++i) {
    ExpectNothing(counters.Observe(Stream(5, 100 + i, 96, 100), {.known = true, .keys = i}));
  }
}

TEST(StreamCounters, WithoutCommandStatisticsNothingIsKnown) {
  StreamCounters counters;
  ExpectNothing(counters.Observe(Stream(5, 100, 96, 100), Epochs{}));
}

TEST(StreamCounters, AStreamWithoutAHighestDeletedIdTellsNothingAboutTrimming) {
  StreamCounters counters;
  StreamFacts before = Stream(5, 9, 5, 9);
  before.max_deleted.reset();
  StreamFacts now = Stream(3, 9, 7, 9);
  now.max_deleted.reset();
  counters.Observe(before, kCalm);
  const auto totals = counters.Observe(now, kCalm);
  EXPECT_EQ(totals.removed, 2u);
  EXPECT_EQ(totals.trimmed, std::nullopt);
}

TEST(StreamCounters, BeforeRedis7NothingIsKnown) {
  StreamCounters counters;
  EXPECT_EQ(counters.Observe(OldStream(5, 1, 5), kCalm).appended, std::nullopt);
}

TEST(StreamCounters, TrimmedIsOnlyWhatWasNotDeleted) {
  struct Row {
    StreamFacts before;
    StreamFacts now;
    std::uint64_t deletions;
    std::optional<std::uint64_t> trimmed;
    const char* why;
  };
  const std::vector<Row> rows = {
      {Stream(5, 9, 5, 9), Stream(3, 9, 7, 9), 0, 2, "trimmed"},
      {Stream(5, 9, 5, 9), Stream(3, 9, 7, 9), 1, 2,
       "XDEL elsewhere: here it would have raised the highest deleted id"},
      {Stream(5, 9, 5, 9), Stream(3, 9, 7, 9, 6), 1, {}, "deleted by consumers"},
      {Stream(5, 10, 5, 10, 8), Stream(3, 10, 7, 10, 8), 1, {}, "XDEL of lower ids would not show"},
      {Stream(5, 10, 5, 10, 8), Stream(3, 10, 7, 10, 8), 0, 2, "but there was no XDEL"},
      {Stream(5, 9, 5, 9), Stream(6, 10, 5, 10), 0, 0, "nothing removed"},
  };
  for (const Row& row : rows) {
    StreamCounters counters;
    counters.Observe(row.before, kCalm);
    EXPECT_EQ(counters.Observe(row.now, {.known = true, .deletions = row.deletions}).trimmed,
              row.trimmed)
        << row.why;
  }
}

GroupCounters::Totals Observe(GroupCounters& counters, const Moment& moment, LagSource source,
                              std::optional<std::uint64_t> lag) {
  return counters.Observe(moment, {.lag = {source, lag}, .oldest_pending = {}, .rewound = false});
}

TEST(GroupCounters, LostIsWhatWasRemovedUnread) {
  GroupCounters counters;
  Observe(counters, At(Stream(9, 9, 1, 9), 4, 4), LagSource::kCounted, 5);
  // Trimmed to the last two: 5, 6 and 7 were never delivered.
  EXPECT_EQ(Observe(counters, At(Stream(2, 9, 8, 9), 4, 4), LagSource::kExact, 2).lost, 3u);
}

TEST(GroupCounters, WhatWasLostBeforeWeLookedIsNotCounted) {
  GroupCounters counters;
  EXPECT_EQ(Observe(counters, At(Stream(2, 9, 8, 9), 4, 4), LagSource::kExact, 2).lost, 0u);
}

TEST(GroupCounters, ADeletedDeliveredEntryIsNoLoss) {
  GroupCounters counters;
  Observe(counters, At(Stream(9, 9, 1, 9), 9, 9), LagSource::kExact, 0);
  EXPECT_EQ(Observe(counters, At(Stream(0, 9, 0, 9, 9), 9, 9), LagSource::kExact, 0).lost, 0u);
}

TEST(GroupCounters, ACalibratedLagTellsNothingAboutLosses) {
  GroupCounters counters;
  Observe(counters, At(Stream(9, 9, 1, 9), 4, 4), LagSource::kExact, 5);
  EXPECT_EQ(Observe(counters, At(Stream(9, 12, 4, 12), 4, 4), LagSource::kCalibrated, 5).lost, 0u);
}

TEST(GroupCounters, SetidIsNeitherLossNorDelivery) {
  GroupCounters counters;
  Observe(counters, At(Stream(9, 9, 1, 9), 4, 4), LagSource::kCounted, 5);
  Moment moved = At(Stream(9, 9, 1, 9), 9, 4);  // SETID $ ENTRIESREAD 4
  moved.epochs.groups = 1;
  const auto totals = Observe(counters, moved, LagSource::kExact, 0);
  EXPECT_EQ(totals.lost, std::nullopt);
  EXPECT_EQ(totals.delivered, std::nullopt);
  EXPECT_EQ(totals.acknowledged, std::nullopt);
}

TEST(GroupCounters, SumsComeBackAfterANewBaseline) {
  GroupCounters counters;
  EXPECT_EQ(Observe(counters, At(Stream(9, 9, 1, 9), 4, 4), LagSource::kCounted, 5).delivered, 0u)
      << "at first sight nothing is missing";
  Observe(counters, At(Stream(9, 9, 1, 9), 6, 6), LagSource::kCounted, 3);
  Moment after_create = At(Stream(9, 9, 1, 9), 7, 7);  // XGROUP CREATE elsewhere
  after_create.epochs.groups = 1;
  EXPECT_EQ(Observe(counters, after_create, LagSource::kCounted, 2).delivered, std::nullopt);
  Moment next = At(Stream(9, 9, 1, 9), 9, 9);
  next.epochs.groups = 1;
  const auto totals = Observe(counters, next, LagSource::kExact, 0);
  EXPECT_EQ(totals.delivered, 4u) << "2 before and 2 after";
  EXPECT_EQ(totals.lost, 0u);
}

TEST(GroupCounters, ARecreatedGroupLeavesAGap) {
  GroupCounters counters;
  Observe(counters, At(Stream(9, 9, 1, 9), 4, 4), LagSource::kCounted, 5);
  counters.Rebase();
  EXPECT_EQ(Observe(counters, At(Stream(9, 9, 1, 9), 0, 0), LagSource::kExact, 9).delivered,
            std::nullopt);
}

TEST(GroupCounters, WithoutCommandStatisticsNothingIsKnown) {
  GroupCounters counters;
  Moment moment = At(Stream(9, 9, 1, 9), 4, 4);
  moment.epochs.known = false;
  const auto totals = Observe(counters, moment, LagSource::kExact, 5);
  EXPECT_EQ(totals.lost, std::nullopt);
  EXPECT_EQ(totals.delivered, std::nullopt);
  EXPECT_EQ(totals.acknowledged, std::nullopt);
}

TEST(GroupCounters, DeliveriesAreKnownByCountOrByLag) {
  const auto nothing = std::nullopt;
  struct Row {
    Moment before;
    std::optional<std::uint64_t> lag_before;
    Moment now;
    std::optional<std::uint64_t> lag_now;
    std::optional<std::uint64_t> delivered;
    const char* why;
  };
  const std::vector<Row> rows = {
      {At(Stream(9, 9, 1, 9), 4, 4), 5, At(Stream(10, 10, 1, 10), 7, 7), 3, 3, "both agree"},
      {At(Stream(9, 9, 1, 9), 4, 4), nothing, At(Stream(10, 10, 1, 10), 7, 7), nothing, 3,
       "the server has counted, nothing was removed ahead"},
      {At(Stream(9, 9, 1, 9), 4, nothing), 5, At(Stream(10, 10, 1, 10), 7, nothing), 3, 3,
       "by lag, nothing was removed"},
      {At(Stream(9, 9, 1, 9), 4, 4), 5, At(Stream(3, 9, 7, 9), 7, 5), 2, nothing,
       "5 and 6 were trimmed unread: some servers count them as read, later or never"},
      {At(Stream(9, 9, 1, 9), 4, 4), 5, At(Stream(3, 9, 7, 9, 6), 7, 7), 2, 3,
       "consumers deleted what they had read: both counts agree"},
      {At(Stream(9, 9, 1, 9), 4, nothing), 5, At(Stream(3, 9, 7, 9), 7, nothing), 2, nothing,
       "trimmed unread or delivered: cannot be told"},
      {At(Stream(9, 9, 1, 9), 4, 4), nothing, At(Stream(8, 9, 1, 9, 5), 9, 9), nothing, nothing,
       "R may have been estimated anew"},
      {At(Stream(9, 9, 1, 9), 4, nothing), nothing, At(Stream(9, 12, 4, 12), 4, nothing), nothing,
       0, "it stood still: whatever else, nothing was delivered"},
  };
  for (const Row& row : rows) {
    GroupCounters counters;
    Observe(counters, row.before, LagSource::kCounted, row.lag_before);
    EXPECT_EQ(Observe(counters, row.now, LagSource::kCounted, row.lag_now).delivered, row.delivered)
        << row.why;
  }
}

TEST(GroupCounters, DeliveriesThatCannotBeToldAreCountedLater) {
  GroupCounters counters;
  Observe(counters, At(Stream(9, 9, 1, 9), 4, 4), LagSource::kCounted, 5);
  // An unread entry was deleted, the lag is unknown.
  const Moment unclear = At(Stream(8, 9, 1, 9, 8), 6, std::nullopt);
  EXPECT_EQ(Observe(counters, unclear, LagSource::kUnknown, std::nullopt).delivered, std::nullopt);
  EXPECT_EQ(Observe(counters, At(Stream(8, 9, 1, 9, 8), 9, 9), LagSource::kExact, 0).delivered, 5u);
}

TEST(GroupCounters, AfterAContradictionCountingStartsAnew) {
  GroupCounters counters;
  Observe(counters, At(Stream(9, 9, 1, 9), 4, 4), LagSource::kCounted, 5);
  const Moment trimmed = At(Stream(3, 9, 7, 9), 7, 5);
  EXPECT_EQ(Observe(counters, trimmed, LagSource::kCounted, 2).delivered, std::nullopt);
  const Moment read_on = At(Stream(3, 9, 7, 9), 9, 7);
  EXPECT_EQ(Observe(counters, read_on, LagSource::kExact, 0).delivered, 2u);
}

TEST(GroupCounters, AcknowledgedIsWhatIsNoLongerPending) {
  GroupCounters counters;
  counters.Observe(At(Stream(9, 9, 1, 9), 4, 4, /*pending=*/4),
                   {.lag = {LagSource::kCounted, 5}, .highest_pending = EntryId{4, 0}});
  const Moment now = At(Stream(9, 9, 1, 9), 9, 9, /*pending=*/2);
  EXPECT_EQ(Observe(counters, now, LagSource::kExact, 0).acknowledged, 7u);
}

TEST(GroupCounters, PendingThatMayHaveGoneOtherwiseIsNotAcknowledged) {
  struct Row {
    Epochs epochs;
    std::uint64_t first;
    std::uint64_t max_deleted;
    bool rewound;
    bool known;
    const char* why;
  };
  const std::vector<Row> rows = {
      {kCalm, 1, 0, false, true, "nothing in the way"},
      {{.known = true, .consumers = 1}, 1, 0, false, false, "DELCONSUMER drops what is pending"},
      {{.known = true, .autoclaims = 1}, 1, 0, false, true, "claims only move what is there"},
      {{.known = true, .autoclaims = 1}, 4, 0, false, false, "claims drop what was trimmed"},
      {{.known = true, .autoclaims = 1}, 1, 5, false, false, "claims drop what was deleted"},
      {kCalm, 1, 0, true, false, "after SETID back, entries are delivered while pending"},
  };
  for (const Row& row : rows) {
    GroupCounters counters;
    const Lag lag{LagSource::kExact, 0};
    for (int poll = 0; poll < 2; ++poll) {
      counters.Observe(At(Stream(9, 9, 1, 9), 9, 9, 6),
                       {.lag = lag, .oldest_pending = EntryId{3, 0}, .rewound = row.rewound});
    }
    Moment now = At(Stream(10 - row.first, 9, row.first, 9, row.max_deleted), 9, 9, 2);
    now.epochs = row.epochs;
    const auto totals = counters.Observe(now, {.lag = lag, .oldest_pending = {}, .rewound = false});
    EXPECT_EQ(totals.acknowledged, row.known ? std::optional<std::uint64_t>(4) : std::nullopt)
        << row.why;
  }
}

// A busy group has acknowledged all that was pending, and got more, when they are looked at after
// the snapshot: the oldest is after its position then.
TEST(GroupCounters, WhatWasAcknowledgedBeforeThePendingEntriesWereSeenIsCounted) {
  struct Row {
    std::uint64_t pending;  // at the first poll
    Epochs epochs;          // from the second on
    bool rewound;
    std::optional<std::uint64_t> acknowledged;
    const char* why;
  };
  const std::vector<Row> rows = {
      {0, kCalm, false, 9, "nothing was pending once: what is since was delivered since"},
      {2, kCalm, false, 0, "it begins here: what was pending may have been after the position"},
      {0, {.known = true, .claims = 1}, false, std::nullopt, "XCLAIM FORCE"},
      {0, kCalm, true, std::nullopt, "delivered before, and pending since"},
  };
  for (const Row& row : rows) {
    GroupCounters counters;
    const auto observe = [&](Moment moment, std::optional<EntryId> oldest) {
      return counters.Observe(
          moment,
          {.lag = {LagSource::kCounted, 0}, .oldest_pending = oldest, .rewound = row.rewound});
    };
    observe(At(Stream(5, 5, 1, 5), 5, 5, row.pending), EntryId{7, 0});
    Moment second = At(Stream(10, 10, 1, 10), 10, 10, 2);
    second.epochs = row.epochs;
    observe(second, EntryId{11, 0});
    Moment third = At(Stream(14, 14, 1, 14), 14, 14, 0);
    third.epochs = row.epochs;
    EXPECT_EQ(observe(third, std::nullopt).acknowledged, row.acknowledged) << row.why;
  }
}

// After SETID back, or XCLAIM FORCE, some are pending after the position, whatever the oldest is.
// Each is delivered once more, and is one less of those that seem to be acknowledged then.
TEST(GroupCounters, PendingAfterThePositionAreNotAcknowledgedByBeingDeliveredAgain) {
  struct Row {
    std::optional<EntryId> highest_pending;  // asked at the first poll
    std::uint64_t delivered;                 // at the second poll
    std::uint64_t pending;
    std::optional<std::uint64_t> acknowledged;
    const char* why;
  };
  const std::vector<Row> rows = {
      {{}, 8, 6, std::nullopt, "6 to 8 may have been pending all the time"},
      {EntryId{7, 0}, 8, 6, 0, "one or two of them were: it begins here"},
      {EntryId{5, 0}, 8, 6, 3, "they were not, as was asked at the first poll"},
      {{}, 5, 4, 2, "nothing was delivered that could have been pending"},
  };
  for (const Row& row : rows) {
    GroupCounters counters;
    const StreamFacts stream = Stream(9, 9, 1, 9);
    const Moment first = At(stream, 5, 5, 6);
    EXPECT_TRUE(counters.MustAskWhatIsAhead(first, false)) << row.why;
    counters.Observe(first, {.lag = {LagSource::kCounted, 4},
                             .oldest_pending = EntryId{1, 0},
                             .highest_pending = row.highest_pending});
    const Moment second = At(stream, row.delivered, row.delivered, row.pending);
    const bool passed = row.highest_pending && *row.highest_pending <= second.group.delivered;
    EXPECT_EQ(counters.MustAskWhatIsAhead(second, false), !passed) << row.why;
    const auto totals = counters.Observe(
        second, {.lag = {LagSource::kCounted, 9 - row.delivered}, .oldest_pending = EntryId{1, 0}});
    EXPECT_EQ(totals.acknowledged, row.acknowledged) << row.why;
  }
}

// It has always got some more by the time that it is asked what is pending.
TEST(GroupCounters, ABusyGroupsAcknowledgementsCountFromWhereItHasPassedWhatWasPending) {
  GroupCounters counters;
  const auto poll = [&](std::uint64_t delivered, std::uint64_t pending, std::uint64_t highest) {
    const Moment now = At(Stream(99, 99, 1, 99), delivered, delivered, pending);
    return counters
        .Observe(now, {.lag = {LagSource::kCounted, 99 - delivered},
                       .oldest_pending = EntryId{1, 0},
                       .highest_pending = EntryId{highest, 0}})
        .acknowledged;
  };
  EXPECT_EQ(poll(10, 6, 12), std::nullopt) << "any of 11 and 12 may have been pending before";
  EXPECT_EQ(poll(20, 6, 22), 0u) << "it begins: some of the 10 may have been delivered twice";
  EXPECT_EQ(poll(30, 7, 32), 9u) << "nothing above 20 was pending at the poll before";
}

TEST(GroupCounters, WhatIsAheadIsAskedOnlyWhereItCanBeOfUse) {
  const StreamFacts stream = Stream(9, 9, 1, 9);
  const GroupCounters counters;
  EXPECT_FALSE(counters.MustAskWhatIsAhead(At(stream, 5, 5, 0), false)) << "nothing is pending";
  EXPECT_FALSE(counters.MustAskWhatIsAhead(At(OldStream(9, 1, 9), 5, 5, 6), false)) << "Redis 6";
  Moment unknown = At(stream, 5, 5, 6);
  unknown.epochs.known = false;
  EXPECT_FALSE(counters.MustAskWhatIsAhead(unknown, false)) << "without INFO";
}

// There was no time, or no right, to look at the pending entries.
TEST(GroupCounters, WithoutALookAtThePendingEntriesNothingIsAcknowledged) {
  GroupCounters counters;
  const auto observe = [&](std::uint64_t pending, bool seen) {
    GroupCounters::Context context{.lag = {LagSource::kExact, 0}};
    context.pending_seen = seen;
    if (seen && pending > 0) context.oldest_pending = EntryId{3, 0};
    return counters.Observe(At(Stream(9, 9, 1, 9), 9, 9, pending), context).acknowledged;
  };
  observe(6, true);
  EXPECT_EQ(observe(5, false), 1u) << "the look before it tells enough";
  EXPECT_EQ(observe(3, true), std::nullopt);
  EXPECT_EQ(observe(2, true), 2u);
}

// Between a snapshot and the look at its pending entries, a claim drops what it finds gone.
TEST(GroupCounters, PendingThatAClaimDroppedRightAfterTheSnapshotAreNotAcknowledged) {
  GroupCounters counters;
  const auto observe = [&](std::uint64_t pending, std::uint64_t oldest, std::uint64_t claims) {
    Moment moment = At(Stream(6, 9, 4, 9), 9, 9, pending);
    moment.epochs.autoclaims = claims;
    return counters.Observe(
        moment,
        {.lag = {LagSource::kExact, 0}, .oldest_pending = EntryId{oldest, 0}, .rewound = false});
  };
  observe(6, 2, 0);
  observe(6, 5, 0);  // 2 and 3 were trimmed, and dropped after the snapshot
  EXPECT_EQ(observe(4, 5, 1).acknowledged, std::nullopt);
  EXPECT_EQ(observe(3, 6, 2).acknowledged, 1u) << "from 5 on all messages are there";
}

TEST(GroupCounters, PendingThatWentWithTheirMessageAreNotAcknowledged) {
  struct Row {
    bool trims_references;
    std::uint64_t references;
    std::uint64_t first;
    std::uint64_t max_deleted;
    bool known;
    const char* why;
  };
  const std::vector<Row> rows = {
      {true, 0, 1, 0, true, "nothing was removed"},
      {true, 0, 3, 0, true, "trimmed up to the oldest pending entry"},
      {true, 0, 4, 0, false, "XTRIM DELREF takes the oldest pending entry along"},
      {false, 0, 4, 0, true, "before Redis 8.2 trimming leaves pending entries alone"},
      {true, 0, 1, 5, true, "XDEL leaves pending entries alone"},
      {false, 1, 1, 5, false, "XDELEX DELREF does not"},
      {false, 1, 4, 0, false, "nor where only the pending entry was left"},
      {true, 1, 3, 2, true, "nothing that is pending can have been deleted"},
  };
  for (const Row& row : rows) {
    GroupCounters counters;
    GroupCounters::Context context{.lag = {LagSource::kExact, 0},
                                   .oldest_pending = EntryId{3, 0},
                                   .rewound = false,
                                   .trims_references = row.trims_references};
    for (int poll = 0; poll < 2; ++poll) {
      counters.Observe(At(Stream(9, 9, 1, 9), 9, 9, 6), context);
    }
    const std::uint64_t deleted = row.max_deleted >= row.first ? 1 : 0;
    Moment now = At(Stream(10 - row.first - deleted, 9, row.first, 9, row.max_deleted), 9, 9, 2);
    now.epochs.references = row.references;
    EXPECT_EQ(counters.Observe(now, context).acknowledged,
              row.known ? std::optional<std::uint64_t>(4) : std::nullopt)
        << row.why;
  }
}

}  // namespace
}  // namespace streamgauge
