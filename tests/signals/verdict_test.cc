// The rules of the verdict, one by one, with the defaults: window 5m, pending window 30m, dead
// after 10m, loss horizon 30m.
#include "signals/verdict.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace streamgauge {
namespace {

using enum GroupState;

Trend Rising(double from, double to) {
  return {
      .direction = Direction::kRising, .first = from, .last = to, .lowest = from, .seconds = 300};
}
Trend Falling(double from, double to) {
  return {
      .direction = Direction::kFalling, .first = from, .last = to, .lowest = to, .seconds = 300};
}
Trend Level(double value) {
  return {.direction = Direction::kLevel,
          .first = value,
          .last = value,
          .lowest = value,
          .seconds = 300};
}

// A Redis group that is read steadily, watched for hours: 40 unread for 2 s, nothing pending.
VerdictInput Healthy() {
  return {.lag = 40,
          .pending = 0,
          .lag_seconds = 2,
          .consumers = ConsumerStates{.active = 2},
          .quiet = 0,
          .points = 16,
          .watched = 300,
          .unmoved = 0,
          .unread_for = 300,
          .backlog_for = 300,
          .appended = 3000,
          .backlog = Level(40),
          .age = Level(2)};
}

// The same of Kafka.
VerdictInput HealthyKafka() {
  VerdictInput input = Healthy();
  input.pending.reset();
  input.quiet.reset();
  input.members_known = true;
  return input;
}

struct Row {
  std::string reason;
  VerdictInput base;
  std::function<void(VerdictInput&)> change;
  GroupState expected;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.reason; }

std::vector<Row> Rows() {
  return {
      {"steady is ok", Healthy(), [](auto&) {}, kOk},
      {"steady is ok on Kafka", HealthyKafka(), [](auto&) {}, kOk},

      {"lost a moment ago", Healthy(), [](auto& i) { i.lost_ago = 10; }, kLosingData},
      {"lost at the window's far edge", Healthy(), [](auto& i) { i.lost_ago = 300; }, kLosingData},
      {"a loss longer ago than the window is over", Healthy(), [](auto& i) { i.lost_ago = 301; },
       kOk},
      {"a loss within the horizon", Healthy(), [](auto& i) { i.loss_in = 1800; }, kLosingData},
      {"a loss beyond the horizon", Healthy(), [](auto& i) { i.loss_in = 1801; }, kOk},
      {"nothing unread: nothing can be lost", Healthy(),
       [](auto& i) {
         i.lag = 0;
         i.lag_seconds = 0;
         i.loss_in = 60;
       },
       kOk},
      {"a loss is worse than everything else", Healthy(),
       [](auto& i) {
         i.lost_ago = 10;
         i.rewound = true;
         i.consumers = ConsumerStates{};
       },
       kLosingData},

      {"went back", Healthy(), [](auto& i) { i.rewound = true; }, kRewound},
      {"went back and nobody reads: going back is told first", Healthy(),
       [](auto& i) {
         i.rewound = true;
         i.consumers = ConsumerStates{.idle = 1};
       },
       kRewound},
      {"went back with an unknown lag: the truncated topic of Kafka", HealthyKafka(),
       [](auto& i) {
         i.rewound = true;
         i.lag.reset();
       },
       kRewound},

      {"unread and only dead consumers", Healthy(),
       [](auto& i) { i.consumers = ConsumerStates{.dead_with_pending = 1}; }, kNoConsumers},
      {"unread and no consumer at all", Healthy(), [](auto& i) { i.consumers = ConsumerStates{}; },
       kNoConsumers},
      {"only successes are known, unread for a moment: who asks in vain looks idle", Healthy(),
       [](auto& i) {
         i.knows_attempts = false;
         i.consumers = ConsumerStates{.idle = 1};
         i.unread_for = 29;
       },
       kOk},
      {"only successes are known, unread for a tenth of the window: who asks would have got it",
       Healthy(),
       [](auto& i) {
         i.knows_attempts = false;
         i.consumers = ConsumerStates{.idle = 1};
         i.unread_for = 30;
       },
       kNoConsumers},
      {"only successes are known, and there is no consumer at all", Healthy(),
       [](auto& i) {
         i.knows_attempts = false;
         i.consumers = ConsumerStates{};
         i.unread_for = 0;
       },
       kNoConsumers},
      {"no consumers and nothing to do", Healthy(),
       [](auto& i) {
         i.lag = 0;
         i.lag_seconds = 0;
         i.consumers = ConsumerStates{};
       },
       kOk},
      {"no consumers for hours and nothing to do", Healthy(),
       [](auto& i) {
         i.lag = 0;
         i.lag_seconds = 0;
         i.consumers = ConsumerStates{.idle = 1};
         i.quiet = 7200;
       },
       kOk},
      {"no members for hours and nothing to do", HealthyKafka(),
       [](auto& i) {
         i.lag = 0;
         i.lag_seconds = 0;
         i.consumers = ConsumerStates{};
         i.memberless_for = i.unmoved = 7200;
         i.members_left = true;
       },
       kOk},
      {"consumers unknown: not known to be missing", Healthy(),
       [](auto& i) { i.consumers.reset(); }, kOk},
      {"pending only, its consumer silent for 12m: one job may take long", Healthy(),
       [](auto& i) {
         i.lag = 0;
         i.lag_seconds = 0;
         i.pending = 3;
         i.consumers = ConsumerStates{.dead_with_pending = 1};
         i.quiet = 720;
         i.unmoved = 720;
         i.backlog_for = 720;
       },
       kOk},
      {"pending only, its consumer silent for the pending window", Healthy(),
       [](auto& i) {
         i.lag = 0;
         i.lag_seconds = 0;
         i.pending = 3;
         i.consumers = ConsumerStates{.dead_with_pending = 1};
         i.quiet = 1800;
       },
       kNoConsumers},
      {"unread for a window, nothing pending, nobody asked: nobody is there", Healthy(),
       [](auto& i) {
         i.unmoved = i.quiet.emplace(300);
         i.unread_for = 300;
       },
       kNoConsumers},
      {"unread for less than a window: nobody had to ask", Healthy(),
       [](auto& i) {
         i.unmoved = i.quiet.emplace(400);
         i.unread_for = i.backlog_for = 290;
       },
       kOk},
      {"nobody asked, but one holds entries and may be at work on them", Healthy(),
       [](auto& i) {
         i.unmoved = i.quiet.emplace(400);
         i.unread_for = 400;
         i.pending = 1;
       },
       kStalled},

      {"members left half a minute ago", HealthyKafka(),
       [](auto& i) {
         i.consumers = ConsumerStates{};
         i.memberless_for = 30;
         i.members_left = true;
       },
       kNoConsumers},
      {"members left a moment ago: a restart or a rebalance", HealthyKafka(),
       [](auto& i) {
         i.consumers = ConsumerStates{};
         i.memberless_for = 29;
         i.members_left = true;
       },
       kOk},
      {"no members ever seen and not yet watched for a window: may commit by hand", HealthyKafka(),
       [](auto& i) {
         i.consumers = ConsumerStates{};
         i.memberless_for = i.watched = i.unmoved = 200;
       },
       kUnknown},
      {"no members ever seen, no move for a window", HealthyKafka(),
       [](auto& i) {
         i.consumers = ConsumerStates{};
         i.memberless_for = i.unmoved = 300;
       },
       kNoConsumers},
      {"no members, but somebody commits", HealthyKafka(),
       [](auto& i) {
         i.consumers = ConsumerStates{};
         i.memberless_for = 7200;
         i.moved_memberless = true;
         i.unmoved = 60;
       },
       kOk},
      {"the members left, and somebody else commits", HealthyKafka(),
       [](auto& i) {
         i.consumers = ConsumerStates{};
         i.memberless_for = 7200;
         i.members_left = true;
         i.moved_memberless = true;
         i.unmoved = 60;
       },
       kOk},
      {"no members, and who committed has stopped", HealthyKafka(),
       [](auto& i) {
         i.consumers = ConsumerStates{};
         i.memberless_for = 7200;
         i.moved_memberless = true;
         i.unmoved = 300;
       },
       kNoConsumers},

      {"the lag is not known", Healthy(),
       [](auto& i) {
         i.lag.reset();
         i.lag_seconds.reset();
       },
       kUnknown},
      {"the lag has become unknown during a stall: it may be over", HealthyKafka(),
       [](auto& i) {
         i.lag.reset();
         i.lag_seconds.reset();
         i.unmoved = 3600;
         i.unread_for = i.backlog_for = 3600;
       },
       kUnknown},
      {"two points are too few", Healthy(), [](auto& i) { i.points = 2; }, kUnknown},
      {"not watched for a window, and never seen with nothing to do", Healthy(),
       [](auto& i) { i.watched = 299; }, kUnknown},
      {"not watched for a window, but seen with nothing to do", Healthy(),
       [](auto& i) {
         i.watched = 60;
         i.backlog.lowest = 0;
       },
       kOk},
      {"a single reading proves nothing", Healthy(),
       [](auto& i) {
         i.points = 1;
         i.watched = i.unmoved = 0;
         i.backlog = {.lowest = 0};
       },
       kUnknown},

      {"unread and unmoved for a window", Healthy(),
       [](auto& i) {
         i.unmoved = 300;
         i.pending = 17;
       },
       kStalled},
      {"unmoved for a window, as far as was seen", Healthy(),
       [](auto& i) {
         i.unmoved = 300;
         i.moves_known = false;
         i.pending = 17;
       },
       kUnknown},
      {"not seen to move just now, but a moment ago", Healthy(),
       [](auto& i) {
         i.unmoved = 20;
         i.moves_known = false;
       },
       kOk},
      {"no members, and no commit that was seen", HealthyKafka(),
       [](auto& i) {
         i.consumers = ConsumerStates{};
         i.memberless_for = i.unmoved = 300;
         i.moves_known = false;
       },
       kUnknown},
      {"unmoved for almost a window", Healthy(),
       [](auto& i) {
         i.unmoved = 299;
         i.pending = 17;
       },
       kOk},
      {"unmoved for hours of silence, unread only now: the first message of the morning", Healthy(),
       [](auto& i) {
         i.unmoved = 28'800;
         i.unread_for = i.backlog_for = 10;
       },
       kOk},
      {"how many are unread is unknown, that some are is not", Healthy(),
       [](auto& i) {
         i.lag.reset();
         i.unmoved = 300;
         i.pending = 1;
       },
       kStalled},
      {"pending only, unmoved for 29m", Healthy(),
       [](auto& i) {
         i.lag = 0;
         i.lag_seconds = 0;
         i.pending = 5;
         i.unread_for.reset();
         i.unmoved = i.backlog_for.emplace(1799);
       },
       kOk},
      {"pending only, unmoved for the pending window", Healthy(),
       [](auto& i) {
         i.lag = 0;
         i.lag_seconds = 0;
         i.pending = 5;
         i.unread_for.reset();
         i.unmoved = i.backlog_for.emplace(1800);
       },
       kStalled},
      {"pending for long, a new message waits for a moment: still one long job", Healthy(),
       [](auto& i) {
         i.pending = 1;
         i.unmoved = 900;
         i.backlog_for = 900;
         i.unread_for = 20;
       },
       kOk},
      {"members there, commits unmoved for a window", HealthyKafka(),
       [](auto& i) { i.unmoved = 300; }, kStalled},
      {"lag 1 that does not move and is only a marker", HealthyKafka(),
       [](auto& i) {
         i.unmoved = 3000;
         i.lag = 1;
         i.only_markers_left = true;
       },
       kOk},
      {"abandoned topic", HealthyKafka(),
       [](auto& i) {
         i.abandoned = true;
         i.unmoved = 3000;
       },
       kNoConsumers},

      {"age and backlog rose", Healthy(),
       [](auto& i) {
         i.backlog = Rising(40, 900);
         i.age = Rising(2, 30);
       },
       kFallingBehind},
      {"only the backlog rose: a busier producer", Healthy(),
       [](auto& i) { i.backlog = Rising(40, 900); }, kOk},
      {"only the age rose: fewer but older", Healthy(), [](auto& i) { i.age = Rising(2, 30); },
       kOk},
      {"ages are not known, the backlog rose beyond a window's traffic", Healthy(),
       [](auto& i) {
         i.lag_seconds.reset();
         i.backlog = Rising(40, 3001);
       },
       kFallingBehind},
      {"ages are not known, and a window's traffic explains the backlog", Healthy(),
       [](auto& i) {
         i.lag_seconds.reset();
         i.backlog = Rising(40, 3000);
       },
       kOk},

      {"falls, from beyond a window's traffic", Healthy(),
       [](auto& i) { i.backlog = Falling(90'000, 70'000); }, kCatchingUp},
      {"falls, and a window's traffic explains what is left", Healthy(),
       [](auto& i) { i.backlog = Falling(9'000, 3'000); }, kOk},
      {"large but level: keeps its distance", Healthy(), [](auto& i) { i.backlog = Level(90'000); },
       kOk},
  };
}

class Verdict : public testing::TestWithParam<Row> {};

TEST_P(Verdict, FollowsTheRules) {
  VerdictInput input = GetParam().base;
  GetParam().change(input);
  EXPECT_EQ(ToString(Judge(input, SignalsConfig{}).state), ToString(GetParam().expected));
}

TEST_P(Verdict, TellsWhichRuleItFollowed) {
  const Row& row = GetParam();
  VerdictInput input = row.base;
  row.change(input);
  Trace trace;
  const Finding finding = Judge(input, SignalsConfig(), &trace);
  EXPECT_EQ(finding.state, row.expected) << "as without being asked";
  ASSERT_FALSE(trace.lines().empty());
  for (const Trace::Line& line : trace.lines()) {
    const bool is_last = &line == &trace.lines().back();
    EXPECT_EQ(line.applies, is_last) << line.name << " " << line.text;
    if (!line.applies) {
      EXPECT_NE(line.text, "") << line.name << " says why not";
    }
  }
  EXPECT_EQ(trace.lines().back().name, ToString(finding.state));
}

INSTANTIATE_TEST_SUITE_P(Rules, Verdict, testing::ValuesIn(Rows()), [](const auto& row) {
  std::string name;
  for (const char c : row.param.reason) {
    if (c == ' ') name += '_';
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  }
  return name;
});

TEST(VerdictEvidence, NamesWhatTheRuleSaw) {
  VerdictInput input = Healthy();
  input.lost_ago = 12;
  input.lost_messages = 77;
  const Evidence lost = Judge(input, SignalsConfig{}).evidence;
  EXPECT_FLOAT_EQ(lost.lost_seconds.value(), 12);
  EXPECT_EQ(lost.lost_messages, 77U);

  input = Healthy();
  input.backlog = Rising(40, 900);
  input.age = Rising(2, 30);
  const Evidence behind = Judge(input, SignalsConfig{}).evidence;
  EXPECT_FLOAT_EQ(behind.trend_seconds.value(), 300);
  EXPECT_EQ(behind.backlog_before, 40);
  EXPECT_FLOAT_EQ(behind.age_before.value(), 2);
  EXPECT_FALSE(behind.lost_seconds);
}

TEST(VerdictEvidence, WhoIsTooYoungIsToldHowLongItTakes) {
  VerdictInput input = Healthy();
  input.watched = 60;
  EXPECT_FLOAT_EQ(Judge(input, SignalsConfig{}).evidence.left_to_watch.value(), 240);
  input.watched = 300;
  input.points = 2;
  EXPECT_EQ(Judge(input, SignalsConfig{}).evidence.left_to_watch, std::nullopt);
}

TEST(VerdictEvidence, ASilenceIsThatOfTheConsumers) {
  VerdictInput input = Healthy();
  input.unmoved = 4000;
  input.quiet = 310;
  const Finding finding = Judge(input, SignalsConfig{});
  EXPECT_EQ(finding.state, kNoConsumers);
  EXPECT_FLOAT_EQ(finding.evidence.quiet_seconds.value(), 310);
}

TEST(VerdictConfig, ThresholdsAreThoseOfTheConfiguration) {
  SignalsConfig config;
  config.window = std::chrono::seconds(20);
  VerdictInput input = Healthy();
  input.pending = 1;
  input.unmoved = 20;
  EXPECT_EQ(Judge(input, config).state, kStalled);
  config.loss_horizon = std::chrono::seconds(60);
  input.loss_in = 61;
  EXPECT_EQ(Judge(input, config).state, kStalled);
  input.loss_in = 60;
  EXPECT_EQ(Judge(input, config).state, kLosingData);
}

}  // namespace
}  // namespace streamgauge
