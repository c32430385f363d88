// What the factor changes in rules, and what it must not.
#include "e2e/time_scale.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "build_paths.h"
#include "support/temp_dir.h"

namespace streamgauge::test {
namespace {

struct Row {
  const char* why;
  const char* yaml;
  const char* faster;  // by 20
};

TEST(TimeScale, DividesDurationsAndNothingElse) {
  const Row rows[] = {
      {"for", "for: 5m\n", "for: 15s\n"},
      {"keep_firing_for, for an hour", "keep_firing_for: 1h", "keep_firing_for: 180s"},
      {"not a whole number of seconds", "group_wait: 30s\n", "group_wait: 1500ms\n"},
      {"nothing stays nothing", "for: 0s\n", "for: 0s\n"},
      {"in braces", "{for: 1m, x: 1}", "{for: 3s, x: 1}"},
      {"a range", "rate(a[5m])", "rate(a[15s])"},
      {"an offset", "a offset 1d)", "a offset 4320s)"},
      {"a threshold that is a time", "labels: {name: pending_stuck_seconds}\n  expr: vector(1800)",
       "labels: {name: pending_stuck_seconds}\n  expr: vector(90)"},
      {"a threshold that is none", "labels: {name: poison_deliveries}\n  expr: vector(5)",
       "labels: {name: poison_deliveries}\n  expr: vector(5)"},
      {"the name of a recorded series", "record: a:ratio5m", "record: a:ratio5m"},
      {"a text", "summary: wait 5m for it", "summary: wait 5m for it"},
  };
  for (const Row& row : rows) EXPECT_EQ(Faster(row.yaml, 20), row.faster) << row.why;
}

TEST(TimeScale, RefusesADurationThatItCannotRead) {
  EXPECT_THROW(Faster("for: 5x\n", 20), std::runtime_error);
}

// A file with a new kind of duration would otherwise run at two speeds unnoticed.
TEST(TimeScale, LeavesNoMinutesHoursOrDaysInTheRules) {
  const std::regex left(R"((\[|for: |offset |_interval: |_wait: )\d+(?:[hd]|m(?!s)))");
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(build_paths::Source() / "alerts")) {
    if (file.path().extension() != ".yml") continue;
    ++files;
    const std::string faster = Faster(ReadFile(file.path()), 20);
    std::smatch found;
    EXPECT_FALSE(std::regex_search(faster, found, left)) << file.path() << ": " << found.str();
  }
  EXPECT_GE(files, 5);
}

}  // namespace
}  // namespace streamgauge::test
