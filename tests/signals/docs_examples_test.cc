// The worked examples of docs/signals.md, reckoned by the code: a rule that changes its result, or
// a page that says something else, fails here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "build_paths.h"
#include "signals/headroom.h"
#include "signals/rates.h"
#include "signals/words.h"

namespace streamgauge {
namespace {

// The paragraph below a mark, its lines joined.
std::string Example(const std::string& name) {
  std::ifstream page(build_paths::Source() / "docs/signals.md");
  const std::string mark = "<!-- example: " + name + " -->";
  std::string line;
  while (std::getline(page, line) && line != mark) {
  }
  std::string text;
  while (std::getline(page, line) && !line.empty()) text += (text.empty() ? "" : " ") + line;
  return text;
}

TEST(SignalsPage, Drain) {
  EXPECT_EQ(Example("drain"),
            fmt::format("Example: 1,200 messages in the backlog, 30 finished and 20 appended a "
                        "second: {} s.",
                        DrainSeconds(1200, 30, 20).value()));
}

TEST(SignalsPage, RedisHeadroom) {
  const StreamReading stream;
  GroupReading group;
  group.headroom_messages = 6'000;
  const Headroom headroom = HeadroomOf({.stream = &stream,
                                        .group = &group,
                                        .window = 300,
                                        .settled = 300,
                                        .trim_ago = 20,
                                        .trimmed = Rise{15'000, 300},
                                        .delivered = Rise{12'000, 300},
                                        .headroom_messages = {.direction = Direction::kFalling},
                                        .fall = 3'000});
  EXPECT_EQ(
      Example("redis headroom"),
      fmt::format("Example: 6,000 messages of headroom, 50 trimmed and 40 delivered a second: "
                  "{} s.",
                  headroom.seconds.value()));
}

TEST(SignalsPage, KafkaHeadroom) {
  StreamReading stream;
  stream.partitions.emplace_back();
  stream.retention_seconds = 3'600;
  GroupReading group;
  group.lag_seconds = 600;
  const Headroom headroom = HeadroomOf(
      {.stream = &stream,
       .group = &group,
       .age = {.direction = Direction::kRising, .first = 540, .last = 600, .seconds = 300}});
  EXPECT_EQ(headroom.seconds, 3'000);
  EXPECT_NEAR(headroom.loss_in_seconds.value(), 15'000, 1e-6);
  EXPECT_EQ(Example("kafka headroom"),
            "Example: retention 3,600 s, oldest unread record 600 s old: 3,000 s. If its age rises "
            "by 0.2 s a second the loss is 15,000 s away, and the verdict reckons with that.");
}

TEST(SignalsPage, Words) {
  Report report;
  report.reading.streams.emplace_back();
  GroupReading& group = report.reading.groups.emplace_back();
  group.lag = 1204;
  group.lag_seconds = 372;
  group.pending = 17;
  group.position = Position{1'700'000'000'000, 0};
  group.consumers = {{.name = std::make_shared<Name>(NameKind::kConsumer, "worker-3"),
                      .pending = 17,
                      .idle_seconds = 372}};
  GroupSignals& signals = report.groups.emplace_back();
  signals.state = GroupState::kStalled;
  signals.evidence.unmoved_seconds = 372;
  signals.evidence.Add(Cause::kOneHolder);
  EXPECT_EQ(Example("words"), "> " + ReasonInWords(report, 0));
}

TEST(SignalsPage, WordsOfAHeldState) {
  Report report;
  report.reading.streams.emplace_back();
  report.reading.groups.emplace_back().lag = 1204;
  GroupSignals& signals = report.groups.emplace_back();
  signals.state = GroupState::kStalled;
  signals.evidence.Add(Cause::kHeld);
  signals.evidence.unmoved_seconds = 3;
  signals.evidence.held_seconds = 13;
  EXPECT_EQ(Example("held"), "> " + ReasonInWords(report, 0));
}

}  // namespace
}  // namespace streamgauge
