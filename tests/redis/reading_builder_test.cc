#include "redis/reading_builder.h"

#include <gtest/gtest.h>

#include <limits>

#include "redis/moments.h"

namespace streamgauge {
namespace {

constexpr std::uint64_t kNowMs = 1'700'000'000'000;

// One stream with one group, whose ids are `now` less some milliseconds.
class ReadingBuilder : public testing::Test {
 protected:
  ReadingBuilder() {
    stream_.name = std::make_shared<const Name>(NameKind::kStream, "s");
    group_.name = std::make_shared<const Name>(NameKind::kGroup, "g");
    work_.time = FromUnixMillis(kNowMs);
    work_.streams.resize(1);
    work_.streams[0].state = &stream_;
    work_.groups.resize(1);
    work_.groups[0].state = &group_;
  }

  Reading Build(const StreamFacts& facts, EntryId delivered) {
    work_.streams[0].facts = facts;
    work_.groups[0].moment.stream = facts;
    work_.groups[0].moment.group.delivered = delivered;
    work_.groups[0].lag.messages = ExactLag(facts, delivered);
    return BuildReading(work_, Epochs{.known = true}, telemetry_);
  }

  StreamState stream_;
  GroupState group_;
  PollWork work_;
  Telemetry telemetry_;
};

TEST_F(ReadingBuilder, AgesAreServerTimeLessIds) {
  work_.groups[0].next_unread = EntryId{kNowMs - 4000, 0};
  work_.groups[0].oldest_pending =
      PendingEntry{.id = {kNowMs - 5000, 0}, .owned = true, .idle_ms = 1500, .deliveries = 3};
  const Reading reading = Build(Stream(3, 3, kNowMs - 6000, kNowMs - 1000), {kNowMs - 5000, 0});
  EXPECT_EQ(reading.streams[0].span_seconds, 5.0);
  EXPECT_EQ(reading.groups[0].lag_seconds, 4.0);
  EXPECT_EQ(reading.groups[0].oldest_pending_seconds, 5.0);
  EXPECT_EQ(reading.groups[0].oldest_pending_idle_seconds, 1.5);
  EXPECT_EQ(reading.groups[0].max_deliveries, 3u);
}

TEST_F(ReadingBuilder, MadeUpIdsHaveNoAges) {
  work_.groups[0].next_unread = EntryId{kNowMs - 4000, 0};
  work_.groups[0].oldest_pending = PendingEntry{.id = {2, 0}, .owned = true, .idle_ms = 1500};
  const Reading reading = Build(Stream(3, 3, 1, kNowMs - 1000), {2, 0});
  EXPECT_EQ(reading.streams[0].span_seconds, std::nullopt);
  EXPECT_EQ(reading.groups[0].lag_seconds, std::nullopt);
  EXPECT_EQ(reading.groups[0].oldest_pending_seconds, std::nullopt);
  EXPECT_EQ(reading.groups[0].oldest_pending_idle_seconds, 1.5) << "this is no id's age";
}

TEST_F(ReadingBuilder, NothingUnreadHasAgeZeroEvenWithMadeUpIds) {
  EXPECT_EQ(Build(Stream(3, 3, 1, 3), {3, 0}).groups[0].lag_seconds, 0.0);
}

TEST_F(ReadingBuilder, AnEntryOfTheFutureHasAgeZeroAndIsCounted) {
  work_.groups[0].next_unread = EntryId{kNowMs + 5000, 0};
  const Reading reading = Build(Stream(2, 2, kNowMs, kNowMs + 5000), {kNowMs, 0});
  EXPECT_EQ(reading.groups[0].lag_seconds, 0.0);
  EXPECT_EQ(telemetry_.clock_clamps, 1u);
}

TEST_F(ReadingBuilder, AnEntryDeliveredAfterTheTimeWasReadIsNoClockClamp) {
  work_.groups[0].oldest_pending = PendingEntry{.id = {kNowMs + 3, 0}, .owned = true, .idle_ms = 0};
  const Reading reading = Build(Stream(2, 2, kNowMs - 9, kNowMs), {kNowMs, 0});
  EXPECT_EQ(reading.groups[0].oldest_pending_seconds, 0.0);
  EXPECT_EQ(telemetry_.clock_clamps, 0u);
}

TEST_F(ReadingBuilder, UnreadEntryThatWentMeanwhileLeavesTheAgeOut) {
  EXPECT_EQ(Build(Stream(3, 3, kNowMs - 6000, kNowMs), {kNowMs - 7000, 0}).groups[0].lag_seconds,
            std::nullopt);
}

TEST_F(ReadingBuilder, AnEntryWithoutAnOwnerWasNotIdleSince1970) {
  work_.groups[0].oldest_pending =
      PendingEntry{.id = {kNowMs - 5000, 0}, .owned = false, .idle_ms = kNowMs};
  const Reading reading = Build(Stream(3, 3, kNowMs - 6000, kNowMs), {kNowMs, 0});
  EXPECT_EQ(reading.groups[0].oldest_pending_idle_seconds, std::nullopt);
  EXPECT_EQ(reading.groups[0].oldest_pending_seconds, 5.0);
}

TEST_F(ReadingBuilder, UnknownLagHasNoHeadroom) {
  const Reading reading = Build(Stream(5, 5, kNowMs - 5, kNowMs), {kNowMs - 2, 0});
  EXPECT_EQ(reading.groups[0].lag, std::nullopt);
  EXPECT_EQ(reading.groups[0].headroom_messages, std::nullopt);
  EXPECT_EQ(Build(Stream(5, 5, kNowMs - 5, kNowMs), {kNowMs, 0}).groups[0].headroom_messages, 5u);
}

TEST_F(ReadingBuilder, ConsumersAreThoseOfTheLastListAndTellItsAge) {
  group_.list = ConsumerList{.at = FromUnixMillis(kNowMs - 20'000), .members = 1, .whole = true};
  group_.list->consumers = {{.pending = 3, .idle_seconds = 1.5}};
  work_.groups[0].moment.group.consumers = 1;
  work_.groups[0].moment.group.pending = 2;
  const GroupReading group = Build(Stream(1, 1, kNowMs, kNowMs), {kNowMs, 0}).groups[0];
  ASSERT_EQ(group.consumers.size(), 1u);
  EXPECT_EQ(group.consumers[0].pending, 3u);
  EXPECT_EQ(group.consumers[0].idle_seconds, 1.5) << "not aged: it may have asked since";
  EXPECT_EQ(group.consumers_age_seconds, 20);
  EXPECT_TRUE(group.consumers_listed);
}

TEST_F(ReadingBuilder, WhereNothingIsPendingNoConsumerHoldsAnything) {
  group_.list = ConsumerList{.at = FromUnixMillis(kNowMs - 20'000), .members = 1, .whole = true};
  group_.list->consumers = {{.pending = 3}};
  work_.groups[0].moment.group.consumers = 1;
  const GroupReading group = Build(Stream(1, 1, kNowMs, kNowMs), {kNowMs, 0}).groups[0];
  EXPECT_EQ(group.consumers[0].pending, 0u);
}

TEST_F(ReadingBuilder, AListOfOtherConsumersIsNotShown) {
  group_.list = ConsumerList{.at = FromUnixMillis(kNowMs), .members = 1, .whole = true};
  group_.list->consumers = {{.pending = 3}};
  work_.groups[0].moment.group.consumers = 2;
  const GroupReading group = Build(Stream(1, 1, kNowMs, kNowMs), {kNowMs, 0}).groups[0];
  EXPECT_TRUE(group.consumers.empty());
  EXPECT_FALSE(group.consumers_listed);
  EXPECT_EQ(group.consumer_count, 2u);
}

TEST_F(ReadingBuilder, AnUnreadableStreamIsLeftOutAndCounted) {
  work_.streams.insert(work_.streams.begin(), StreamWork{.state = &stream_});
  work_.streams[0].error = Error{Reason::kWrongType, "a hash"};
  work_.groups[0].stream = 1;
  work_.streams[1].facts = Stream(1, 1, kNowMs, kNowMs);
  const Reading reading = BuildReading(work_, Epochs{}, telemetry_);
  ASSERT_EQ(reading.streams.size(), 1u);
  EXPECT_EQ(reading.groups[0].stream, 0u) << "an index into what is there";
  ASSERT_EQ(reading.skipped.size(), 1u);
  EXPECT_EQ(reading.skipped[0].kind, "stream");
  EXPECT_EQ(reading.skipped[0].reason, "wrong_type");
}

}  // namespace
}  // namespace streamgauge
