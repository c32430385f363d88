// That the rules tell what they decide, in words that fit.
#include "redis/explanation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "redis/counters.h"
#include "redis/moments.h"

namespace streamgauge {
namespace {

using testing::HasSubstr;

// The lines of a trace, one a line.
std::string Told(const Trace& trace) {
  std::string text;
  for (const Trace::Line& line : trace.lines()) {
    if (line.kind == Trace::Kind::kRule) text += line.applies ? "yes " : "no ";
    text += line.name + ": " + line.text + "\n";
  }
  return text;
}

TEST(RedisExplanation, ALagNamesItsRuleAndThoseBeforeIt) {
  struct Row {
    const char* why;
    StreamFacts stream;
    std::uint64_t delivered;
    const char* applied;
    const char* figure;
  };
  const Row rows[] = {
      {"empty", Stream(0, 9, 0, 9), 3, "yes rule 1: the stream is empty: 0", "lag: 0 (exact)"},
      {"at the end", Stream(5, 9, 5, 9), 9, "yes rule 1: D is at the last", "lag: 0 (exact)"},
      {"before", Stream(5, 9, 5, 9), 2, "yes rule 2: D is before", "lag: 5 (exact)"},
      {"at the first", Stream(5, 9, 5, 9), 5, "yes rule 3: D is the first", "lag: 4 (exact)"},
      {"in the middle", Stream(5, 9, 5, 9), 7, "no rule 4: (A - R) - S", ""},
  };
  for (const Row& row : rows) {
    Trace trace;
    LagTracker tracker;
    const Lag lag = tracker.Observe(At(row.stream, row.delivered, 3), &trace);
    EXPECT_THAT(Told(trace), HasSubstr(row.applied)) << row.why;
    EXPECT_THAT(Told(trace), HasSubstr(row.figure)) << row.why;
    LagTracker untraced;
    EXPECT_EQ(untraced.Observe(At(row.stream, row.delivered, 3)).messages, lag.messages) << row.why;
  }
}

TEST(RedisExplanation, ACalibrationThatIsVoidSaysWhatMadeItSo) {
  struct Row {
    const char* told;
    std::function<void(Moment& before, Moment& now)> change;
  };
  const Row rows[] = {
      {"INFO commandstats does not tell", [](Moment&, Moment& now) { now.epochs.known = false; }},
      {"RENAME, RESTORE, FLUSHALL", [](Moment&, Moment& now) { now.epochs.keys = 1; }},
      {"XGROUP SETID, CREATE or DESTROY", [](Moment&, Moment& now) { now.epochs.groups = 1; }},
      {"last-delivered-id went back", [](Moment&, Moment& now) { now.group.delivered = {4, 0}; }},
      {"entries-added or last-generated-id fell",
       [](Moment&, Moment& now) { now.stream.added = 1; }},
      {"XCLAIM was called while the group moved",
       [](Moment&, Moment& now) { now.epochs.claims = 1; }},
      {"did not move together", [](Moment&, Moment& now) { now.group.read = 3; }},
      {"lost count of entries-read", [](Moment&, Moment& now) { now.group.read.reset(); }},
      {"entries at or after its position were removed",
       [](Moment&, Moment& now) { now.stream.max_deleted = EntryId{6, 0}; }},
      {"does not tell entries-added", [](Moment&, Moment& now) { now.stream.max_deleted.reset(); }},
  };
  for (const Row& row : rows) {
    Moment before = At(Stream(9, 9, 1, 9), 5, 5);
    Moment now = At(Stream(9, 9, 1, 9), 6, 6);
    EXPECT_EQ(MiscountBetween(before, now), "") << "the rows begin from what is well";
    row.change(before, now);
    LagTracker tracker;
    tracker.Observe(before);
    tracker.Counted(4);
    Trace trace;
    EXPECT_EQ(tracker.Observe(now, &trace).messages, std::nullopt) << row.told;
    EXPECT_THAT(Told(trace), testing::ContainsRegex("no rule 4: [^\n]*")) << row.told;
    EXPECT_THAT(Told(trace), HasSubstr(row.told));
  }
}

TEST(RedisExplanation, ACalibratedLagShowsItsNumbers) {
  LagTracker tracker;
  tracker.Observe(At(Stream(9, 20, 1, 9), 5, 14));
  tracker.Counted(4);
  Trace trace;
  EXPECT_EQ(tracker.Observe(At(Stream(9, 20, 1, 9), 6, 15), &trace).messages, 3U);
  EXPECT_THAT(Told(trace), HasSubstr("lag: 3 (calibrated) = (20 - 15) - 2"));
}

TEST(RedisExplanation, TotalsThatAreAbsentSayWhy) {
  GroupCounters counters;
  Trace trace;
  Moment now = At(Stream(9, 9, 1, 9), 5, 5);
  counters.Observe(now, {.lag = {LagSource::kCounted, 4}});
  now.epochs.groups = 1;
  counters.Observe(now, {.lag = {LagSource::kCounted, 4}}, &trace);
  EXPECT_THAT(Told(trace), HasSubstr("no only reads have moved the group since the poll before: "
                                     "XGROUP SETID, CREATE or DESTROY was called"));
}

TEST(RedisExplanation, OnlyTheGroupThatIsMeantIsTraced) {
  Trace trace;
  const TracedGroup traced{"s", "g", &trace};
  NameTable streams(NameKind::kStream);
  NameTable groups(NameKind::kGroup);
  StreamState stream;
  stream.name = streams.Intern("s");
  GroupState state;
  PollWork work;
  work.streams.resize(1);
  work.streams[0].state = &stream;
  GroupWork group;
  group.state = &state;
  state.name = groups.Intern("other");
  BeginTrace(&traced, work, group);
  EXPECT_EQ(group.trace, nullptr);
  EXPECT_TRUE(trace.lines().empty());
  state.name = groups.Intern("g");
  BeginTrace(nullptr, work, group);
  EXPECT_EQ(group.trace, nullptr);
  BeginTrace(&traced, work, group);
  EXPECT_EQ(group.trace, &trace);
  EXPECT_THAT(Told(trace), HasSubstr("A  entries-added: unknown\n"));
}

}  // namespace
}  // namespace streamgauge
