// Hysteresis: which changes of the verdict are shown at once, which later.
#include "signals/settle.h"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

using enum GroupState;

constexpr Tick kStart = 1'700'000'000'000;

// Feeds findings at seconds of a clock and tells what is shown. Window 300 s.
class Shown {
 public:
  // There is a backlog, and the group moves, unless `input` says otherwise.
  GroupState At(int second, GroupState found, VerdictInput input = {.lag = 10, .unmoved = 0},
                Cause cause = Cause::kTooYoung) {
    Finding finding{.state = found};
    finding.evidence.Add(cause);
    Settle(finding, input, SignalsConfig{}, kStart + second * 1000, memory_);
    return memory_.shown.state;
  }
  const VerdictMemory& memory() const { return memory_; }

 private:
  VerdictMemory memory_;
};

const VerdictInput kNothingLeft{.lag = 0, .pending = 0};
VerdictInput Unmoved(double seconds) { return {.lag = 10, .unmoved = seconds}; }

TEST(Settle, AWorseStateIsShownAtOnce) {
  Shown shown;
  EXPECT_EQ(shown.At(0, kOk), kOk);
  EXPECT_EQ(shown.At(10, kFallingBehind), kFallingBehind);
  EXPECT_EQ(shown.At(20, kStalled, Unmoved(300)), kStalled);
  EXPECT_EQ(shown.At(30, kNoConsumers), kNoConsumers);
  EXPECT_EQ(shown.At(40, kLosingData), kLosingData);
}

TEST(Settle, FallingBehindStaysForHalfAWindowAfterItWasLastMet) {
  Shown shown;
  shown.At(0, kFallingBehind);
  EXPECT_EQ(shown.At(149, kOk), kFallingBehind);
  EXPECT_TRUE(shown.memory().shown.evidence.Has(Cause::kHeld));
  EXPECT_EQ(shown.At(150, kOk), kOk);
  EXPECT_FALSE(shown.memory().shown.evidence.Has(Cause::kHeld));
}

// At the poll in which the group moves it would be false to say that it has not for 11 minutes.
TEST(Settle, WhatIsHeldHasTheFiguresOfNow) {
  VerdictMemory memory;
  Finding stalled{.state = kStalled};
  stalled.evidence.unmoved_seconds = 660;
  stalled.evidence.Add(Cause::kOneHolder);
  stalled.evidence.trend_seconds = 300;
  Settle(stalled, Unmoved(660), SignalsConfig{}, kStart, memory);
  Settle({.state = kOk}, Unmoved(0), SignalsConfig{}, kStart + 3'000, memory);
  const Evidence& held = memory.shown.evidence;
  EXPECT_EQ(memory.shown.state, kStalled);
  EXPECT_FLOAT_EQ(held.unmoved_seconds.value(), 0);
  EXPECT_FLOAT_EQ(held.held_seconds.value(), 3);
  EXPECT_FALSE(held.Has(Cause::kOneHolder));
  EXPECT_FALSE(held.trend_seconds);
}

TEST(Settle, AHeldLossGoesOnAgeing) {
  VerdictMemory memory;
  Finding losing{.state = kLosingData};
  losing.evidence.lost_seconds = 300;
  Settle(losing, {.lag = 10}, SignalsConfig{}, kStart, memory);
  const VerdictInput later{.lag = 10, .lost_ago = 310, .lost_messages = 7, .loss_in = 2000};
  Settle({.state = kOk}, later, SignalsConfig{}, kStart + 10'000, memory);
  EXPECT_EQ(memory.shown.state, kLosingData);
  EXPECT_FLOAT_EQ(memory.shown.evidence.lost_seconds.value(), 310);
  EXPECT_FLOAT_EQ(memory.shown.evidence.loss_in_seconds.value(), 2000);
  EXPECT_EQ(memory.shown.evidence.lost_messages, 7U);
}

TEST(Settle, BeingMetAgainProlongsIt) {
  Shown shown;
  shown.At(0, kFallingBehind);
  shown.At(100, kOk);
  shown.At(110, kFallingBehind);
  EXPECT_EQ(shown.At(200, kOk), kFallingBehind);
  EXPECT_EQ(shown.memory().since, kStart) << "it was never anything else";
}

TEST(Settle, AnEmptyBacklogEndsEveryState) {
  for (const GroupState state : {kLosingData, kStalled, kFallingBehind, kCatchingUp}) {
    Shown shown;
    shown.At(0, state);
    EXPECT_EQ(shown.At(10, kOk, kNothingLeft), kOk) << ToString(state);
  }
}

TEST(Settle, ALossNearTheHorizonStaysUntilItIsFarBeyond) {
  VerdictInput near{.lag = 10, .loss_in = 2700};
  VerdictInput far{.lag = 10, .loss_in = 2701};
  Shown shown;
  shown.At(0, kLosingData);
  EXPECT_EQ(shown.At(1000, kFallingBehind, near), kLosingData);
  EXPECT_EQ(shown.At(1010, kFallingBehind, far), kFallingBehind);
}

TEST(Settle, ALossIsNotForgottenForAStallOrMissingConsumers) {
  for (const GroupState state : {kStalled, kNoConsumers}) {
    Shown shown;
    shown.At(0, kLosingData);
    EXPECT_EQ(shown.At(149, state, Unmoved(400)), kLosingData);
    EXPECT_EQ(shown.At(150, state, Unmoved(400)), state);
  }
}

TEST(Settle, GoingBackIsShownAtOnce) {
  Shown shown;
  shown.At(0, kLosingData);
  EXPECT_EQ(shown.At(10, kRewound), kRewound);
}

TEST(Settle, AStallEndsWithTheSecondMoveWithinHalfAWindow) {
  Shown shown;
  shown.At(0, kStalled, Unmoved(300));
  EXPECT_EQ(shown.At(10, kOk), kStalled) << "one move";
  EXPECT_EQ(shown.At(20, kOk, Unmoved(10)), kStalled);
  EXPECT_EQ(shown.At(30, kOk), kOk) << "the second";
}

TEST(Settle, MovesThatAreFarApartDoNotEndAStall) {
  Shown shown;
  shown.At(0, kStalled, Unmoved(300));
  EXPECT_EQ(shown.At(10, kOk), kStalled);
  EXPECT_EQ(shown.At(170, kOk), kStalled);
  EXPECT_EQ(shown.At(330, kOk), kStalled);
  EXPECT_EQ(shown.At(599, kOk, Unmoved(200)), kStalled);
  EXPECT_EQ(shown.At(600, kOk, Unmoved(201)), kOk) << "no stall for two windows";
}

TEST(Settle, AStallThatOtherRulesExplainEndsAtOnce) {
  Shown shown;
  shown.At(0, kStalled, Unmoved(300));
  EXPECT_EQ(shown.At(10, kOk, Unmoved(310)), kOk) << "only a marker is left";
}

TEST(Settle, AnUnknownLagIsBridgedForAQuarterOfAWindow) {
  Shown shown;
  shown.At(0, kOk);
  EXPECT_EQ(shown.At(74, kUnknown, {}, Cause::kLagUnknown), kOk);
  EXPECT_EQ(shown.At(75, kUnknown, {}, Cause::kLagUnknown), kUnknown);
}

TEST(Settle, AGapInWhatIsSeenOfMovesIsBridgedAsWell) {
  Shown shown;
  shown.At(0, kStalled, Unmoved(300));
  EXPECT_EQ(shown.At(74, kUnknown, Unmoved(374), Cause::kMovesUnknown), kStalled);
  EXPECT_EQ(shown.At(75, kUnknown, Unmoved(375), Cause::kMovesUnknown), kUnknown);
}

TEST(Settle, AYoungHistoryIsUnknownAtOnce) {
  Shown shown;
  shown.At(0, kOk);
  EXPECT_EQ(shown.At(10, kUnknown, {}, Cause::kTooYoung), kUnknown);
}

TEST(Settle, NoConsumersEndsAtOnce) {
  Shown shown;
  shown.At(0, kNoConsumers);
  EXPECT_EQ(shown.At(10, kFallingBehind), kFallingBehind);
}

}  // namespace
}  // namespace streamgauge
