// What is remembered from poll to poll, and when it is forgotten.
#include "signals/analyzer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "signals/one_group.h"

namespace streamgauge {
namespace {

using enum GroupState;

class AnalyzerTest : public OneGroup {};

TEST_F(AnalyzerTest, ASingleReadingHasNoHistoryAndIsUnknown) {
  group().lag = 7;
  group().pending = 5;
  const GroupSignals& signals = Poll();
  EXPECT_EQ(signals.backlog, 12U);
  EXPECT_FALSE(signals.append_rate);
  EXPECT_FALSE(signals.delivery_rate);
  EXPECT_FALSE(signals.finish_rate);
  EXPECT_FALSE(signals.drain_seconds);
  EXPECT_FALSE(signals.headroom_seconds);
  EXPECT_EQ(signals.state, kUnknown);
  EXPECT_FALSE(report_->streams[0].append_rate);
}

TEST_F(AnalyzerTest, AnUnknownLagIsAnUnknownBacklog) {
  group().lag.reset();
  group().pending = 5;
  EXPECT_FALSE(Poll().backlog);
}

TEST_F(AnalyzerTest, WithoutPendingTheBacklogIsTheLag) {
  group().lag = 7;
  group().pending.reset();
  EXPECT_EQ(Poll().backlog, 7U);
}

TEST_F(AnalyzerTest, RatesComeWithTheThirdPoint) {
  Poll();
  EXPECT_FALSE(Work().append_rate);
  Work();
  const GroupSignals& signals = Work();  // the second point is thinned out
  EXPECT_DOUBLE_EQ(signals.append_rate.value(), 10);
  EXPECT_DOUBLE_EQ(signals.delivery_rate.value(), 8);
  EXPECT_DOUBLE_EQ(signals.finish_rate.value(), 8);
  EXPECT_TRUE(std::isinf(signals.drain_seconds.value()));
  EXPECT_DOUBLE_EQ(report_->streams[0].append_rate.value(), 10);
}

TEST_F(AnalyzerTest, MissedPollsDoNotBendARate) {
  Poll();
  for (int i = 0; i < 20; ++i) Work();
  for (int i = 0; i < 6; ++i) {
    *stream().appended_total += 100;
    reading_.time += 10s;
  }
  EXPECT_DOUBLE_EQ(Poll().append_rate.value(), 10);
}

TEST_F(AnalyzerTest, TheFirstObjectiveThatMatchesCounts) {
  EXPECT_EQ(Poll().objective_seconds, 30);
  group().name = groups_.Intern("shipping");
  EXPECT_EQ(Poll().objective_seconds, 60);
}

TEST_F(AnalyzerTest, ARecreatedStreamIsForgotten) {
  Poll();
  for (int i = 0; i < 40; ++i) Work();
  EXPECT_EQ(Work().state, kFallingBehind);
  ++stream().incarnation;
  const GroupSignals& signals = PollAfter(10s);
  EXPECT_EQ(signals.state, kUnknown);
  EXPECT_FALSE(signals.finish_rate);
  EXPECT_FALSE(signals.append_rate);
}

TEST_F(AnalyzerTest, ARecreatedGroupIsForgottenAndItsStreamIsNot) {
  Poll();
  for (int i = 0; i < 40; ++i) Work();
  ++group().incarnation;
  const GroupSignals& signals = PollAfter(10s);
  EXPECT_EQ(signals.state, kUnknown);
  EXPECT_FALSE(signals.finish_rate);
  EXPECT_TRUE(signals.append_rate);
}

TEST_F(AnalyzerTest, WhatIsGoneForAWindowIsForgotten) {
  Poll();
  for (int i = 0; i < 5; ++i) Work();
  Reading without = reading_;
  without.groups.clear();
  for (int i = 0; i < 40; ++i) {
    without.time += 10s;
    analyzer_.Analyze(without);
  }
  reading_.time = without.time;
  EXPECT_EQ(PollAfter(10s).evidence.unmoved_seconds, 0);
  EXPECT_FALSE(Poll().finish_rate);
}

TEST_F(AnalyzerTest, WhatIsGoneForAMomentIsRemembered) {
  Poll();
  for (int i = 0; i < 5; ++i) Work();
  Reading without = reading_;
  without.groups.clear();
  without.time += 10s;
  analyzer_.Analyze(without);
  EXPECT_TRUE(PollAfter(20s).finish_rate);
}

TEST_F(AnalyzerTest, AClockSetBackIsANewBeginning) {
  Poll();
  for (int i = 0; i < 40; ++i) Work();
  const GroupSignals& signals = PollAfter(-1h);
  EXPECT_FALSE(signals.finish_rate);
  EXPECT_EQ(signals.state, kUnknown);
}

TEST_F(AnalyzerTest, AClockThatIsAdjustedALittleIsNot) {
  Poll();
  for (int i = 0; i < 40; ++i) Work();
  EXPECT_TRUE(PollAfter(-1s).finish_rate);
}

TEST_F(AnalyzerTest, MoreThanAWindowUnseenIsANewBeginning) {
  Poll();
  for (int i = 0; i < 40; ++i) Work();
  const GroupSignals& signals = PollAfter(301s);
  EXPECT_FALSE(signals.finish_rate);
  EXPECT_EQ(signals.state, kUnknown);
}

TEST_F(AnalyzerTest, AStallSurvivesAnOutageOfTheTarget) {
  group().lag = 50;
  group().lag_seconds = 1;
  group().pending = 1;
  Poll();
  for (int i = 0; i < 31; ++i) PollAfter(10s);
  EXPECT_EQ(PollAfter(10s).state, kStalled);
  EXPECT_EQ(PollAfter(290s).state, kStalled);
}

TEST_F(AnalyzerTest, LossesAreShownForAWindow) {
  group().lost_total = 100;  // before we came
  group().lag = 10;
  Poll();
  for (int i = 0; i < 40; ++i) Work();
  EXPECT_NE(Work().state, kLosingData) << "the first sight is a baseline";
  *group().lost_total += 7;
  EXPECT_EQ(Work().state, kLosingData);
  *group().lost_total += 3;
  EXPECT_EQ(Work().evidence.lost_messages, 10U);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(Work().state, kLosingData);
  group().lag = 0;
  group().lag_seconds = 0;
  EXPECT_NE(PollAfter(10s).state, kLosingData);
}

TEST_F(AnalyzerTest, StateSecondsCountFromTheChange) {
  Poll();
  for (int i = 0; i < 3; ++i) PollAfter(10s);
  EXPECT_EQ(Poll().state, kOk);
  const double before = Poll().state_seconds;
  EXPECT_DOUBLE_EQ(PollAfter(20s).state_seconds, before + 20);
}

TEST_F(AnalyzerTest, ConsumersThatAreListedByTurnsAreRememberedForAWindow) {
  group().lag = 5;
  group().consumer_count = 1;
  group().consumers_listed = true;
  group().consumers = {{.pending = 0, .idle_seconds = 700, .inactive_seconds = 700}};
  EXPECT_EQ(Poll().state, kNoConsumers);
  group().consumers_listed = false;
  group().consumers.clear();
  EXPECT_EQ(PollAfter(300s).consumers->idle, 1U);
  EXPECT_EQ(Poll().state, kNoConsumers);
  EXPECT_FALSE(PollAfter(10s).consumers);
}

TEST_F(AnalyzerTest, AGroupThatMovesAfterItsConsumersWereListedHasSome) {
  group().lag = 5;
  group().consumer_count = 1;
  group().consumers_listed = true;
  group().consumers = {{.pending = 0, .idle_seconds = 700, .inactive_seconds = 700}};
  EXPECT_EQ(Poll().state, kNoConsumers);
  group().consumers_listed = false;
  group().consumers.clear();
  EXPECT_NE(Work().state, kNoConsumers);
}

TEST_F(AnalyzerTest, AnOlderListOfConsumersCountsAsOfThen) {
  group().lag = 5;
  group().consumer_count = 1;
  group().consumers_listed = true;
  group().consumers = {{.pending = 0, .idle_seconds = 700, .inactive_seconds = 700}};
  EXPECT_EQ(Poll().state, kNoConsumers);
  group().consumers_age_seconds = 10;  // of the poll before the one that moved
  EXPECT_NE(Work().state, kNoConsumers);
}

// Before Redis 7.2: a consumer without BLOCK asks all the time, but had no success since the night.
TEST_F(AnalyzerTest, TheFirstMessageOfTheMorningFindsItsConsumer) {
  group().consumer_count = 1;
  group().consumers_listed = true;
  group().consumers = {{.pending = 0, .idle_seconds = 28'800}};
  for (int i = 0; i < 40; ++i) PollAfter(10s);
  group().lag = 1;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(PollAfter(10s).state, kOk) << i;
  EXPECT_EQ(PollAfter(10s).state, kNoConsumers);
}

TEST_F(AnalyzerTest, LargeBacklogsAreToldToTheMessage) {
  group().lag = 16'777'217;
  Poll();
  for (int i = 0; i < 40; ++i) {
    Work();
  }
  EXPECT_EQ(Work().state, kFallingBehind);
  const auto before = static_cast<std::uint64_t>(report_->groups[0].evidence.backlog_before);
  EXPECT_EQ((before - 16'777'217) % 20, 0U) << before;
}

TEST_F(AnalyzerTest, EqualNamesOnTwoStreamsAreTwoGroups) {
  reading_.streams.push_back(stream());
  reading_.streams[1].name = streams_.Intern("payments");
  reading_.groups.push_back(group());
  reading_.groups[1].stream = 1;
  Poll();
  for (int i = 0; i < 5; ++i) Work();
  EXPECT_DOUBLE_EQ(report_->groups[0].finish_rate.value(), 8);
  EXPECT_DOUBLE_EQ(report_->groups[1].finish_rate.value(), 0);
  EXPECT_EQ(report_->groups[1].objective_seconds, 60);
}

TEST_F(AnalyzerTest, AGroupOfKafkaThatCommitsWithoutMembersIsNotMissed) {
  group().pending.reset();
  group().members = 0;
  group().lag = 5;
  Poll();
  for (int i = 0; i < 60; ++i) EXPECT_NE(Work().state, kNoConsumers);
}

TEST_F(AnalyzerTest, WhoCommitsAfterTheMembersHaveLeftIsSeen) {
  group().pending.reset();
  group().members = 2;
  group().lag = 5;
  Poll();
  for (int i = 0; i < 40; ++i) Work();
  group().members = 0;
  for (int i = 0; i < 20; ++i) EXPECT_NE(Work().state, kNoConsumers);
  for (int i = 0; i < 29; ++i) EXPECT_NE(PollAfter(10s).state, kNoConsumers);
  EXPECT_EQ(PollAfter(10s).state, kNoConsumers) << "and has stopped as well";
}

TEST_F(AnalyzerTest, MembersThatWereNeverSeenHaveNotLeft) {
  group().pending.reset();
  group().members = 0;
  group().lag = 5;
  Poll();
  for (int i = 0; i < 29; ++i) EXPECT_EQ(PollAfter(10s).state, kUnknown) << "may commit by hand";
  EXPECT_EQ(PollAfter(10s).state, kNoConsumers);
}

// Just after a broker's start a group may be read that is not listed yet.
TEST_F(AnalyzerTest, MembersThatWereNotKnownOfHaveNotLeft) {
  group().pending.reset();
  group().lag = 5;
  Poll();
  PollAfter(10s);
  group().members = 0;
  for (int i = 0; i < 28; ++i) EXPECT_EQ(PollAfter(10s).state, kUnknown) << i;
  EXPECT_EQ(PollAfter(10s).state, kNoConsumers);
}

// Redis before 7 tells no totals.
class WithoutTotals : public AnalyzerTest {
 protected:
  WithoutTotals() {
    stream().appended_total.reset();
    group().delivered_total.reset();
    group().acknowledged_total.reset();
    group().lag = 50;
    group().lag_seconds = 1;
    group().pending = 1000;
    group().position = Position{1, 0};
    Poll();
  }
};

TEST_F(WithoutTotals, APositionThatMovesIsNoStall) {
  for (int i = 0; i < 60; ++i) {
    ++group().position->minor;
    EXPECT_NE(PollAfter(10s).state, kStalled);
  }
}

TEST_F(WithoutTotals, FewerPendingAreNoStall) {
  for (int i = 0; i < 60; ++i) {
    --*group().pending;
    EXPECT_NE(PollAfter(10s).state, kStalled);
  }
}

TEST_F(WithoutTotals, AStallLastsHoweverLong) {
  for (int i = 0; i < 31; ++i) PollAfter(10s);
  for (int i = 0; i < 30'000; ++i) ASSERT_EQ(PollAfter(290s).state, kStalled) << i;
  EXPECT_GT(Poll().evidence.unmoved_seconds.value(), 100 * 86'400);
}

TEST_F(WithoutTotals, NothingThatMovesIsAStall) {
  for (int i = 0; i < 30; ++i) PollAfter(10s);
  EXPECT_EQ(Poll().state, kStalled);
}

// Kafka: two partitions, on the first of which one offset stays unread.
TEST_F(AnalyzerTest, AMarkerIsTakenForOneOnlyOnAQuietTopic) {
  group().pending.reset();
  group().members = 1;
  group().lag = 1;
  group().lag_seconds = 1;
  for (std::int32_t p = 0; p < 2; ++p) {
    stream().partitions.push_back({.partition = p, .end_offset = 100, .stable_offset = 100});
    group().partitions.push_back({.partition = p, .committed_offset = 100 - (1 - p), .lag = 1 - p});
  }
  Poll();
  for (int i = 0; i < 60; ++i) PollAfter(10s);
  EXPECT_EQ(Poll().state, kOk);
  EXPECT_TRUE(Poll().evidence.Has(Cause::kMarkerOnly));
  ++*stream().appended_total;
  ++*group().lag;
  group().partitions[1].lag = 1;
  EXPECT_EQ(PollAfter(10s).state, kStalled);
}

}  // namespace
}  // namespace streamgauge
