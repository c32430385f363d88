#include "config/duration.h"

#include <gtest/gtest.h>

#include <chrono>

namespace streamgauge {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(DurationTest, EveryUnitIsReadAndWrittenBack) {
  const std::pair<std::string, Duration> rows[] = {
      {"500ms", milliseconds(500)}, {"10s", seconds(10)},
      {"5m", minutes(5)},           {"1h", hours(1)},
      {"90s", seconds(90)},         {"1500ms", milliseconds(1500)}};
  for (const auto& [text, duration] : rows) {
    EXPECT_EQ(ParseDuration(text), duration) << text;
    EXPECT_EQ(FormatDuration(duration), text);
  }
  EXPECT_EQ(FormatDuration(seconds(120)), "2m") << "the shortest exact form";
  EXPECT_EQ(FormatDuration(seconds(0)), "0s");
}

TEST(DurationTest, AnythingElseIsNoDuration) {
  for (const auto* text : {"", "s", "5", "5 s", " 5s", "5s ", "5S", "5d", "1m30s", "1.5s", "-1s",
                           "+1s", "0x5s", "9223372036854775807h", "99999999999999999999s"}) {
    EXPECT_FALSE(ParseDuration(text)) << '"' << text << '"';
  }
}

}  // namespace
}  // namespace streamgauge
