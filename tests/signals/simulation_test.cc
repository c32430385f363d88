// Hours of producers and consumers in simulated time, judged poll by poll. Prints what was shown
// when; asserts that healthy scripts bring no false alarm, that stalls are shown within a window
// and that losses are announced.
#include "signals/simulation.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "signals/analyzer.h"
#include "signals/words.h"

namespace streamgauge::simulation {
namespace {

using enum GroupState;
using States = std::set<GroupState>;

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kPoll = 10;
constexpr std::int64_t kWindow = 300;

// From `from` on (seconds), one of `right` is the right thing to show.
struct Phase {
  std::int64_t from;
  States right;
};

struct Script {
  std::string name;
  std::int64_t duration;
  std::function<void(World&)> step;  // once a second
  std::vector<Phase> truth;
  bool healthy = false;
};

struct Run {
  GroupState state;
  std::int64_t from;
};

struct Outcome {
  std::vector<Run> runs;             // what was shown, run-length
  std::vector<std::string> reasons;  // parallel: of each run's first poll
  int wrong_minutes = 0;
  std::optional<std::int64_t> first_loss;
  std::uint64_t lost = 0;

  std::optional<std::int64_t> FirstShown(GroupState state, std::int64_t since = 0) const {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const bool ended_before = i + 1 < runs.size() && runs[i + 1].from <= since;
      if (runs[i].state == state && !ended_before) return std::max(runs[i].from, since);
    }
    return std::nullopt;
  }
  bool Shown(GroupState state) const { return FirstShown(state).has_value(); }
};

const Phase& PhaseAt(const Script& script, std::int64_t now) {
  const Phase* phase = &script.truth.front();
  for (const Phase& next : script.truth) {
    if (next.from <= now) phase = &next;
  }
  return *phase;
}

Outcome Play(const Script& script, Backbone backbone) {
  World world(backbone);
  Analyzer analyzer("simulated", SignalsConfig{}, {});
  Outcome outcome;
  std::int64_t wrong_polls = 0;
  for (world.now = 0; world.now < script.duration; ++world.now) {
    script.step(world);
    if (world.lost() > 0 && !outcome.first_loss) outcome.first_loss = world.now;
    if (world.now % kPoll != 0) continue;
    const ReportRef report = analyzer.Analyze(world.Poll());
    const GroupState state = report->groups[0].state;
    if (outcome.runs.empty() || outcome.runs.back().state != state) {
      outcome.runs.push_back({state, world.now});
      outcome.reasons.push_back(ReasonInWords(*report, 0));
    }
    // A young agent may always say that it does not know yet.
    const bool young = state == kUnknown && world.now <= kWindow;
    if (!young && !PhaseAt(script, world.now).right.contains(state)) ++wrong_polls;
  }
  outcome.wrong_minutes = static_cast<int>((wrong_polls * kPoll + kMinute - 1) / kMinute);
  outcome.lost = world.lost();
  return outcome;
}

std::string Clock(std::int64_t seconds) {
  char text[16];
  std::snprintf(text, sizeof text, "%d:%02d:%02d", static_cast<int>(seconds / kHour),
                static_cast<int>(seconds / kMinute % 60), static_cast<int>(seconds % kMinute));
  return text;
}

// "0:00:00 unknown, 0:05:00 ok (x12)": of a long list the first and the last.
std::string Shorten(const Outcome& outcome) {
  constexpr std::size_t kMost = 8;
  std::string text;
  for (std::size_t i = 0; i < outcome.runs.size(); ++i) {
    if (i == kMost && outcome.runs.size() > 2 * kMost) {
      text += ", .. " + std::to_string(outcome.runs.size() - kMost - 2) + " more ..";
      i = outcome.runs.size() - 2;
    }
    if (!text.empty()) text += ", ";
    text += Clock(outcome.runs[i].from) + " " + std::string(ToString(outcome.runs[i].state));
  }
  return text;
}

void Print(const Script& script, Backbone backbone, const Outcome& outcome) {
  std::printf("%-22s %-6s wrong %3d min, lost %7lu  %s\n", script.name.c_str(),
              backbone == Backbone::kRedis ? "redis" : "kafka", outcome.wrong_minutes,
              static_cast<unsigned long>(outcome.lost), Shorten(outcome).c_str());
  if (std::getenv("SIMULATION_REASONS") != nullptr) {
    for (std::size_t i = 0; i < outcome.runs.size() && i < 20; ++i) {
      std::printf("    %s %s\n", Clock(outcome.runs[i].from).c_str(), outcome.reasons[i].c_str());
    }
  }
}

// Plays and prints the script and, of a healthy one, checks that there is no false alarm.
Outcome ObserveOn(Backbone backbone, const Script& script) {
  const Outcome outcome = Play(script, backbone);
  Print(script, backbone, outcome);
  if (script.healthy) {
    EXPECT_FALSE(outcome.Shown(kStalled)) << Shorten(outcome);
    EXPECT_FALSE(outcome.Shown(kLosingData)) << Shorten(outcome);
  }
  return outcome;
}

class Simulation : public testing::TestWithParam<Backbone> {
 protected:
  static Outcome Observe(const Script& script) { return ObserveOn(GetParam(), script); }
  bool kafka() const { return GetParam() == Backbone::kKafka; }
};

INSTANTIATE_TEST_SUITE_P(Backbones, Simulation, testing::Values(Backbone::kRedis, Backbone::kKafka),
                         [](const auto& backbone) {
                           return backbone.param == Backbone::kRedis ? "Redis" : "Kafka";
                         });

// About `mean` messages a second, as arrivals of many independent clients would be.
int Around(double mean) {
  static std::mt19937 random(20240229);
  return std::poisson_distribution<int>(mean)(random);
}

TEST_P(Simulation, ASteadyFlowIsOkAllTheTime) {
  const Outcome outcome = Observe({"steady",
                                   6 * kHour,
                                   [](World& w) {
                                     w.Produce(Around(50));
                                     w.Consume(Around(60));
                                     w.TrimToLength(1000);
                                   },
                                   {{0, {kOk}}},
                                   true});
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, BurstsAreWorkedOffWithoutAnAlarm) {
  const Outcome outcome = Observe({"bursty",
                                   4 * kHour,
                                   [](World& w) {
                                     const bool burst = w.now % (20 * kMinute) > 18 * kMinute;
                                     w.Produce(Around(burst ? 300 : 20));
                                     w.Consume(100);
                                     w.TrimToLength(500'000);
                                   },
                                   {{0, {kOk, kFallingBehind, kCatchingUp}}},
                                   true});
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, AnHourlyBatchJobHasNoConsumersBetweenItsRuns) {
  const Outcome outcome = Observe({"hourly batch",
                                   6 * kHour,
                                   [](World& w) {
                                     const bool runs = w.now % kHour < 4 * kMinute;
                                     w.Join(runs ? 1 : 0);
                                     w.Produce(Around(5));
                                     if (runs) w.Consume(500);
                                   },
                                   {{0, {kOk, kNoConsumers, kFallingBehind, kCatchingUp}}},
                                   true});
  EXPECT_EQ(outcome.wrong_minutes, 0);
  EXPECT_TRUE(outcome.Shown(kNoConsumers));
}

TEST_P(Simulation, ASlowConsumerFallsBehindAndItsLossIsAnnounced) {
  const Outcome outcome =
      Observe({"slow consumer",
               4 * kHour,
               [](World& w) {
                 const bool slow = w.now >= 30 * kMinute;
                 w.Produce(Around(50));
                 w.Consume(slow ? 40 : 80);
                 w.TrimToLength(w.kafka() ? 20'000 : 60'000, w.kafka() ? 500 : 1);
               },
               {{0, {kOk}},
                {30 * kMinute, {kOk, kFallingBehind}},
                {36 * kMinute, {kFallingBehind, kLosingData}}}});
  const auto shown = outcome.FirstShown(kFallingBehind, 30 * kMinute);
  ASSERT_TRUE(shown);
  EXPECT_LE(*shown, 30 * kMinute + kWindow + kPoll);
  ASSERT_TRUE(outcome.first_loss);
  const auto announced = outcome.FirstShown(kLosingData);
  ASSERT_TRUE(announced);
  EXPECT_LE(*announced, *outcome.first_loss - 10 * kMinute);
  EXPECT_EQ(outcome.runs.back().from, *announced) << "it is not taken back: " << Shorten(outcome);
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, AnOutageThatIsWorkedOffIsCatchingUp) {
  const std::int64_t back = 2 * kHour;
  const Outcome outcome = Observe({"outage worked off",
                                   4 * kHour,
                                   [back](World& w) {
                                     const bool out = w.now >= kHour && w.now < back;
                                     w.Join(out ? 0 : 3);
                                     w.Produce(Around(20));
                                     if (!out) w.Consume(60);
                                   },
                                   {{0, {kOk}},
                                    {kHour, {kOk, kNoConsumers, kFallingBehind}},
                                    {kHour + kWindow + kPoll, {kNoConsumers}},
                                    // It takes 30 minutes.
                                    {back, {kNoConsumers, kFallingBehind, kCatchingUp}},
                                    {back + kWindow, {kCatchingUp}},
                                    {back + 25 * kMinute, {kCatchingUp, kOk}},
                                    {back + 31 * kMinute, {kOk}}}});
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, AConsumerThatHangsIsStalledWithinAWindow) {
  const std::int64_t hangs = 40 * kMinute;
  const Outcome outcome = Observe({"hanging consumer",
                                   2 * kHour,
                                   [hangs](World& w) {
                                     w.Produce(Around(20));
                                     if (w.now < hangs) w.Consume(40);
                                     if (w.now == hangs) w.Take(17, "worker-1");
                                   },
                                   {{0, {kOk}},
                                    {hangs, {kOk, kFallingBehind, kStalled}},
                                    {hangs + kWindow + kPoll, {kStalled, kNoConsumers}}}});
  const auto shown = outcome.FirstShown(kStalled);
  ASSERT_TRUE(shown);
  EXPECT_GE(*shown, hangs);
  EXPECT_LE(*shown, hangs + kWindow + kPoll);
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, ACrashedConsumerIsMissed) {
  const std::int64_t crash = 40 * kMinute;
  const std::int64_t session_timeout = 45;
  const Outcome outcome = Observe({"crashed consumer",
                                   2 * kHour,
                                   [=](World& w) {
                                     w.Produce(Around(20));
                                     if (w.now < crash) w.Consume(40);
                                     if (w.now == crash) w.Take(17, "worker-1");
                                     if (w.now == crash + session_timeout) w.Join(0);
                                   },
                                   {{0, {kOk}},
                                    {crash, {kOk, kFallingBehind, kStalled, kNoConsumers}},
                                    {crash + kWindow + kPoll, {kStalled, kNoConsumers}},
                                    {crash + 10 * kMinute + kPoll, {kNoConsumers}}}});
  const auto shown = outcome.FirstShown(kNoConsumers);
  ASSERT_TRUE(shown);
  const std::int64_t noticed = kafka() ? session_timeout : 10 * kMinute;
  EXPECT_LE(*shown, crash + noticed + kWindow / 10 + kPoll);
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, OnePoisonMessageWhileOthersProceedIsNoStall) {
  const Outcome outcome =
      Observe({"poison, others move",
               3 * kHour,
               [](World& w) {
                 w.Produce(Around(20));
                 if (w.now == 40 * kMinute) w.Take(1, "worker-2");
                 w.Consume(40, "worker-1", w.kafka() && w.now >= 40 * kMinute ? 2 : -1);
               },
               {{0, {kOk}}, {40 * kMinute, {kOk, kFallingBehind}}},
               true});
  EXPECT_EQ(outcome.wrong_minutes, 0);
  // Kafka: a partition that stands still falls behind; Redis: the entry is only pending.
  EXPECT_EQ(outcome.Shown(kFallingBehind), kafka());
}

TEST_P(Simulation, APoisonMessageThatBlocksAllIsAStall) {
  const std::int64_t poison = 40 * kMinute;
  const Outcome outcome = Observe({"poison, all blocked",
                                   2 * kHour,
                                   [poison](World& w) {
                                     w.Produce(Around(20));
                                     if (w.now < poison) w.Consume(40);
                                     if (w.now == poison) w.Take(1, "worker-1");
                                     // The worker is restarted for ever and reads its own pending.
                                     if (w.now > poison && w.now % 30 == 0) w.Attempt("worker-1");
                                   },
                                   {{0, {kOk}},
                                    {poison, {kOk, kFallingBehind, kStalled}},
                                    {poison + kWindow + kPoll, {kStalled}}}});
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, ARebalanceStormIsNoAlarm) {
  const Outcome outcome = Observe({"rebalance storm",
                                   3 * kHour,
                                   [](World& w) {
                                     w.Produce(Around(20));
                                     const std::int64_t phase = w.now % 75;
                                     // The worker has another name after each restart.
                                     if (phase < 35) {
                                       w.Consume(80, "w" + std::to_string(w.now / 75 % 5));
                                     }
                                     w.Join(phase < 65 ? 2 : 0);
                                   },
                                   {{0, {kOk, kNoConsumers}}},
                                   true});
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, TrimmingThatCatchesUpWithAStalledGroupIsAnnounced) {
  const std::int64_t hangs = 40 * kMinute;
  const Outcome outcome =
      Observe({"trimming catches up",
               3 * kHour,
               [hangs](World& w) {
                 w.Produce(Around(20));
                 if (w.now < hangs) w.Consume(40);
                 if (w.now == hangs) w.Take(17, "worker-1");
                 w.TrimToLength(w.kafka() ? 18'000 : 72'000, w.kafka() ? 1'000 : 1);
               },
               {{0, {kOk}},
                {hangs, {kOk, kFallingBehind, kStalled, kLosingData}},
                {hangs + kWindow + kPoll, {kStalled, kNoConsumers, kLosingData}}}});
  ASSERT_TRUE(outcome.first_loss);
  const auto announced = outcome.FirstShown(kLosingData);
  ASSERT_TRUE(announced);
  EXPECT_LE(*announced, *outcome.first_loss - 10 * kMinute);
  EXPECT_GE(*announced, *outcome.first_loss - 45 * kMinute);
  EXPECT_EQ(outcome.runs.back().state, kLosingData);
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

// By half a poll's traffic in a window: it takes some windows to tell that from noise.
TEST(RedisSimulation, TrimmingThatCreepsUpOnASlowGroupIsAnnounced) {
  const Outcome outcome = ObserveOn(Backbone::kRedis, {"trimming creeps up",
                                                       4 * kHour,
                                                       [](World& w) {
                                                         w.Produce(Around(20));
                                                         w.Consume(Around(19.7));
                                                         w.TrimToLength(2'000);
                                                       },
                                                       {{0, {kOk, kFallingBehind, kLosingData}}}});
  ASSERT_TRUE(outcome.first_loss);
  const auto announced = outcome.FirstShown(kLosingData);
  ASSERT_TRUE(announced);
  EXPECT_LE(*announced, *outcome.first_loss - 20 * kMinute);
}

// Redis has no retention by time.
TEST(KafkaSimulation, RetentionByTimeIsAnnounced) {
  const std::int64_t hangs = 40 * kMinute;
  const Outcome outcome =
      ObserveOn(Backbone::kKafka, {"retention by time",
                                   3 * kHour,
                                   [hangs](World& w) {
                                     w.retention_seconds = kHour;
                                     w.Produce(Around(20));
                                     if (w.now < hangs) w.Consume(40);
                                     w.TrimOlderThan(kHour, 1'000);
                                   },
                                   {{0, {kOk}},
                                    {hangs, {kOk, kFallingBehind, kStalled}},
                                    {hangs + kWindow + kPoll, {kStalled, kLosingData}}}});
  ASSERT_TRUE(outcome.first_loss);
  const auto announced = outcome.FirstShown(kLosingData);
  ASSERT_TRUE(announced);
  EXPECT_LE(*announced, *outcome.first_loss - 10 * kMinute);
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, AShortRetentionAndAHealthyGroupIsNoLoss) {
  Observe({"short retention",
           4 * kHour,
           [](World& w) {
             if (w.kafka()) w.retention_seconds = 10 * kMinute;
             const bool busy = w.now % kHour < 20 * kMinute;
             w.Produce(Around(busy ? 60 : 3));
             w.Consume(65);
             w.TrimOlderThan(10 * kMinute, w.kafka() ? 500 : 1);
           },
           {{0, {kOk}}},
           true});
}

TEST_P(Simulation, ConsumersThatTrimBehindThemselvesLoseNothing) {
  const Outcome outcome =
      Observe({"trims what it has read",
               4 * kHour,
               [](World& w) {
                 w.Produce(Around(40));
                 w.Consume(Around(45));
                 if (w.now % 30 == 0) {
                   w.TrimToLength(static_cast<std::size_t>(w.lag()) / w.partition_count() + 20);
                 }
               },
               {{0, {kOk}}},
               true});
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, ARecreatedStreamIsForgottenAndLearntAgain) {
  const Outcome outcome = Observe(
      {"re-created",
       2 * kHour,
       [](World& w) {
         if (w.now == 40 * kMinute + 5) w.Recreate();
         w.Produce(Around(20));
         w.Consume(w.now < 41 * kMinute ? 15 : 60);
       },
       {{0, {kOk, kFallingBehind, kUnknown, kCatchingUp}}, {47 * kMinute, {kOk, kCatchingUp}}},
       true});
  EXPECT_TRUE(outcome.FirstShown(kUnknown, 40 * kMinute));
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, AClockThatJumpsBringsNoAlarm) {
  const Outcome outcome = Observe({"clock skew",
                                   3 * kHour,
                                   [](World& w) {
                                     w.clock_skew = w.now % 7 % 3 - 1;  // it jitters by a second
                                     if (w.now > 40 * kMinute) w.clock_skew -= 10 * kMinute;
                                     if (w.now > 80 * kMinute) w.clock_skew += kHour;
                                     w.Produce(Around(20));
                                     w.Consume(Around(25));
                                     w.TrimToLength(5'000);
                                   },
                                   {{0, {kOk, kUnknown}}},
                                   true});
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, ANightOfSilenceIsOkAndSoIsTheMorning) {
  const Outcome outcome = Observe({"nightly silence",
                                   14 * kHour,
                                   [](World& w) {
                                     const bool night = w.now > 2 * kHour && w.now < 10 * kHour;
                                     w.Produce(night ? 0 : Around(20));
                                     if (night) {
                                       w.Attempt("worker-1");
                                       w.Consume(40);
                                     } else {
                                       w.Consume(40);
                                     }
                                   },
                                   {{0, {kOk}}},
                                   true});
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, AMessageEverySevenMinutesIsOk) {
  const Outcome outcome = Observe({"rare messages",
                                   6 * kHour,
                                   [](World& w) {
                                     if (w.now % 420 == 0) w.Produce(1);
                                     // It takes 50 s to get round to each.
                                     if (w.now % 420 == 50) w.Consume(10);
                                     w.Attempt("worker-1");
                                   },
                                   {{0, {kOk}}},
                                   true});
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, BatchesOfUpToAWindowAreOk) {
  const Outcome outcome = Observe({"batch every 240 s",
                                   4 * kHour,
                                   [](World& w) {
                                     w.Produce(Around(10));
                                     if (w.now % 240 == 0) w.Consume(5'000);
                                   },
                                   {{0, {kOk}}},
                                   true});
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

TEST_P(Simulation, AConsumerThatMovesAboutOnceAWindowDoesNotFlap) {
  const Outcome outcome = Observe({"at a window's edge",
                                   4 * kHour,
                                   [](World& w) {
                                     w.Produce(Around(10));
                                     w.Attempt("worker-1");
                                     // Every 280 and 320 s by turns, and never all of it.
                                     const std::int64_t phase = w.now % 600;
                                     if (phase == 0 || phase == 280) w.Consume(400);
                                   },
                                   {{0, {kOk, kStalled, kFallingBehind}}}});
  EXPECT_LE(outcome.runs.size(), 12U) << Shorten(outcome);
}

TEST_P(Simulation, AnAgentThatStartsBesideAnOldStallShowsItAfterAWindow) {
  const Outcome outcome = Observe({"stalled before start",
                                   kHour,
                                   [](World& w) {
                                     if (w.now == 0) {
                                       w.Produce(1'000);
                                       w.Take(17, "worker-1");
                                     }
                                     w.Produce(Around(1));
                                     if (w.now % 20 == 0) w.Attempt("worker-1");
                                   },
                                   {{0, {kUnknown}}, {kWindow, {kStalled}}}});
  EXPECT_EQ(outcome.wrong_minutes, 0);
}

}  // namespace
}  // namespace streamgauge::simulation
