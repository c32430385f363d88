#include "log/log.h"

#include <gtest/gtest.h>

#include <string>

namespace streamgauge::log {
namespace {

TEST(LogTest, WritesFromTheLevelOnAndInTheFormatThatWasSet) {
  testing::internal::CaptureStderr();
  Init({.level = LogLevel::kWarn, .format = LogFormat::kJson});
  Info("not shown {}", 1);
  Warn("shown {}", 2);
  Init({.level = LogLevel::kDebug, .format = LogFormat::kText});
  Debug("text {}", 3);
  Write(LogLevel::kError, "braces {} are only text here");
  const std::string lines = testing::internal::GetCapturedStderr();
  EXPECT_EQ(lines.find("not shown"), std::string::npos) << lines;
  EXPECT_NE(lines.find("\"level\":\"warn\",\"message\":\"shown 2\"}\n"), std::string::npos)
      << lines;
  EXPECT_NE(lines.find(" DEBUG text 3\n"), std::string::npos) << lines;
  EXPECT_NE(lines.find(" ERROR braces {} are only text here\n"), std::string::npos) << lines;
}

TEST(LogTest, EnabledTellsWhatWouldBeWritten) {
  Init({.level = LogLevel::kInfo});
  EXPECT_FALSE(Enabled(LogLevel::kDebug));
  EXPECT_TRUE(Enabled(LogLevel::kInfo));
  EXPECT_TRUE(Enabled(LogLevel::kError));
}

}  // namespace
}  // namespace streamgauge::log
