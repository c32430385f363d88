#include "log/log_line.h"

#include <gtest/gtest.h>

#include <string>

namespace streamgauge::log {
namespace {

const WallTime kTime = FromUnixMillis(1'769'903'998'007);  // 2026-01-31T23:59:58.007Z

std::string Text(std::string_view message) {
  return FormatLine(LogFormat::kText, kTime, LogLevel::kInfo, message);
}
std::string Json(std::string_view message) {
  return FormatLine(LogFormat::kJson, kTime, LogLevel::kInfo, message);
}

TEST(LogLineTest, TextStartsWithTimeAndLevel) {
  EXPECT_EQ(Text("hello"), "2026-01-31T23:59:58.007Z INFO  hello\n");
  EXPECT_EQ(FormatLine(LogFormat::kText, kTime, LogLevel::kError, "x"),
            "2026-01-31T23:59:58.007Z ERROR x\n");
}

TEST(LogLineTest, JsonIsOneObjectALine) {
  EXPECT_EQ(Json("hello"),
            "{\"time\":\"2026-01-31T23:59:58.007Z\",\"level\":\"info\",\"message\":\"hello\"}\n");
  EXPECT_EQ(FormatLine(LogFormat::kJson, kTime, LogLevel::kWarn, ""),
            "{\"time\":\"2026-01-31T23:59:58.007Z\",\"level\":\"warn\",\"message\":\"\"}\n");
}

TEST(LogLineTest, NoMessageForgesALine) {
  struct Row {
    std::string message;
    std::string text;
    std::string json;
    std::string why;
  };
  const Row rows[] = {
      {"a\nb\r\tc", "a\\nb\\r\\tc", "a\\nb\\r\\tc", "line ends"},
      {std::string("\0\x1b[31m\x7f", 7), "\\u0000\\u001b[31m\\u007f", "\\u0000\\u001b[31m\\u007f",
       "control characters, a terminal's too"},
      {"say \"hi\" \\o/", "say \"hi\" \\o/", "say \\\"hi\\\" \\\\o/", "quotes and backslashes"},
      {"\xff-\xc3(", "\\xff-\\xc3(", "\\\\xff-\\\\xc3(", "not valid UTF-8"},
      {"Grüße, 世界 🙂", "Grüße, 世界 🙂", "Grüße, 世界 🙂", "valid UTF-8 stays"},
  };
  const std::string json_start = Json("").substr(0, Json("").size() - 3);
  for (const Row& row : rows) {
    EXPECT_EQ(Text(row.message), "2026-01-31T23:59:58.007Z INFO  " + row.text + "\n") << row.why;
    EXPECT_EQ(Json(row.message), json_start + row.json + "\"}\n") << row.why;
  }
}

TEST(LogLineTest, TimesBefore1970AreFloored) {
  EXPECT_TRUE(FormatLine(LogFormat::kText, FromUnixMillis(-1), LogLevel::kInfo, "x")
                  .starts_with("1969-12-31T23:59:59.999Z"));
}

}  // namespace
}  // namespace streamgauge::log
