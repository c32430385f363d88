// Totals that a source could not tell at a poll, and totals that fall: neither may bend a rate or
// pass for standing still.
#include <gtest/gtest.h>

#include "signals/one_group.h"

namespace streamgauge {
namespace {

using enum GroupState;

class Gaps : public OneGroup {
 protected:
  // Ten seconds' work at `rate` a second; `seen` by the source or not, which then sets a new
  // baseline and tells no total.
  const GroupSignals& WorkAt(std::uint64_t rate, bool seen = true) {
    if (seen) {
      appended_ += 10 * rate;
      delivered_ += 10 * rate;
      stream().appended_total = appended_;
      group().delivered_total = group().acknowledged_total = delivered_;
    } else {
      stream().appended_total.reset();
      group().delivered_total.reset();
      group().acknowledged_total.reset();
    }
    return PollAfter(10s);
  }

  std::uint64_t appended_ = 0;
  std::uint64_t delivered_ = 0;
};

TEST_F(Gaps, APollWithoutTotalsBendsNoRate) {
  Poll();
  for (int i = 0; i < 100; ++i) {
    // The work of two polls in seven is in no total.
    const GroupSignals& signals = WorkAt(10, i % 7 != 3);
    for (const auto& rate : {signals.append_rate, signals.delivery_rate, signals.finish_rate}) {
      EXPECT_DOUBLE_EQ(rate.value_or(10), 10) << i;
    }
    EXPECT_TRUE(i < 20 || signals.finish_rate) << i;
  }
}

TEST_F(Gaps, ALongGapLeavesTheRateOfTheRestAndThenNone) {
  Poll();
  for (int i = 0; i < 40; ++i) WorkAt(10);
  int polls_with_rate = 0;
  for (int i = 0; i < 40; ++i) {
    const GroupSignals& signals = WorkAt(10, false);
    if (!signals.finish_rate) continue;
    ++polls_with_rate;
    EXPECT_DOUBLE_EQ(*signals.finish_rate, 10);
    EXPECT_DOUBLE_EQ(signals.append_rate.value(), 10);
  }
  EXPECT_NEAR(polls_with_rate, 20, 2) << "as long as a third of the window is known";
}

TEST_F(Gaps, ATotalThatFallsGivesNoNegativeRate) {
  Poll();
  for (int i = 0; i < 40; ++i) WorkAt(10);
  appended_ = delivered_ = 5;
  for (int i = 0; i < 40; ++i) {
    const GroupSignals& signals = WorkAt(10);
    EXPECT_DOUBLE_EQ(signals.append_rate.value(), 10) << i;
    EXPECT_DOUBLE_EQ(signals.delivery_rate.value(), 10) << i;
    EXPECT_DOUBLE_EQ(signals.finish_rate.value(), 10) << i;
  }
}

TEST_F(Gaps, LossesThatFallAreANewBaseline) {
  group().lag = 10;
  group().pending = 0;
  group().lost_total = 100;
  Poll();
  for (int i = 0; i < 40; ++i) Work();
  group().lost_total = 110;
  EXPECT_EQ(Work().evidence.lost_messages, 10U);
  group().lost_total = 6;
  EXPECT_EQ(Work().evidence.lost_messages, 0U);
  group().lost_total = 8;
  EXPECT_EQ(Work().state, kLosingData);
  EXPECT_EQ(report_->groups[0].evidence.lost_messages, 2U);
}

// Who may have worked in every gap is not stalled; nor is he known to be well.
TEST_F(Gaps, WhatIsNotToldIsNotStandingStill) {
  group().lag = 50;
  group().lag_seconds = 1;
  group().pending.reset();
  Poll();
  for (int i = 0; i < 100; ++i) {
    WorkAt(0, i % 3 != 0);
    EXPECT_NE(report_->groups[0].state, kStalled) << i;
  }
  EXPECT_FALSE(report_->groups[0].evidence.unmoved_seconds.value_or(0) > 300);
}

TEST_F(Gaps, WithoutAnyEvidenceOfMovesItIsUnknown) {
  group().lag = 50;
  group().lag_seconds = 1;
  group().pending = 3;
  Poll();
  for (int i = 0; i < 40; ++i) WorkAt(10);
  for (int i = 0; i < 60; ++i) EXPECT_NE(WorkAt(10, false).state, kStalled) << i;
  EXPECT_EQ(report_->groups[0].state, kUnknown);
  EXPECT_EQ(Reason(),
            "unknown: it cannot be told whether the group moves, 50 unread, the oldest "
            "for 1s, 3 pending");
}

TEST_F(Gaps, ThePositionIsEvidenceEnough) {
  group().lag = 50;
  group().lag_seconds = 1;
  group().pending = 3;
  group().position = Position{7, 0};
  Poll();
  for (int i = 0; i < 40; ++i) WorkAt(0, i % 2 == 0);
  EXPECT_EQ(report_->groups[0].state, kStalled);
  EXPECT_FLOAT_EQ(report_->groups[0].evidence.unmoved_seconds.value(), 400);
}

TEST_F(Gaps, APositionThatIsMissingForAMomentBridgesTheGap) {
  group().lag = 50;
  group().lag_seconds = 1;
  group().pending = 3;
  group().position = Position{7, 0};
  Poll();
  for (int i = 0; i < 40; ++i) {
    group().position = i % 10 == 5 ? std::nullopt : std::optional(Position{7, 0});
    WorkAt(0, i % 10 != 5);
  }
  EXPECT_EQ(report_->groups[0].state, kStalled) << "before and after it stood at one place";
}

TEST_F(Gaps, ABacklogIsComparedWithTheTrafficOfTheWholeWindow) {
  Poll();
  std::uint64_t lag = 4'000;
  // 3,000 messages in a window, of which half are in no total; 2,000 to 2,600 are no backlog.
  for (int i = 0; i < 60; ++i) {
    group().lag = lag -= 25;
    group().lag_seconds = static_cast<double>(lag) / 10;
    WorkAt(10, i % 4 < 2);
  }
  EXPECT_EQ(report_->groups[0].state, kOk) << Reason();
}

}  // namespace
}  // namespace streamgauge
