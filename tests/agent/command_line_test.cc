#include "command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace streamgauge {
namespace {

using testing::HasSubstr;

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "streamgauge");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLineTest, EveryActionIsRecognised) {
  struct Row {
    std::vector<const char*> arguments;
    Action action;
  };
  const Row rows[] = {
      {{"--config", "a.yml"}, Action::kRun},
      {{"--config=a.yml"}, Action::kRun},
      {{"--config", "a.yml", "--check-config"}, Action::kCheckConfig},
      {{"--once", "--config", "a.yml"}, Action::kOnce},
      {{"check", "--config", "a.yml"}, Action::kCheck},
      {{"--config", "a.yml", "check"}, Action::kCheck},
  };
  for (const Row& row : rows) {
    const CommandLine command = Parse(row.arguments);
    EXPECT_EQ(command.action, row.action) << row.arguments[0];
    EXPECT_EQ(command.config_file, "a.yml");
    EXPECT_FALSE(command.wrong_usage);
  }
}

TEST(CommandLineTest, WrongUsageIsToldWithAWayOut) {
  struct Row {
    std::vector<const char*> arguments;
    const char* said;
  };
  const Row rows[] = {
      {{}, "--config FILE is missing"},
      {{"--once"}, "--config FILE is missing"},
      {{"--config"}, "FILE"},
      {{"--confg", "a.yml"}, "--confg"},
      {{"--config", "a.yml", "--once", "--check-config"}, "exclude each other"},
      {{"check"}, "--config FILE is missing"},
      {{"check", "--config", "a.yml", "--once"}, "check and explain go with --config alone"},
      {{"check", "--config", "a.yml", "more"}, "more"},
      {{"explain", "--config", "a.yml", "target", "stream"}, "GROUP is missing"},
      {{"explain", "--config", "a.yml", "target", "-stream", "g"}, "-stream"},
      {{"explain", "--config", "a.yml"}, "TARGET is missing"},
      {{"explain", "--config", "a.yml", "t", "s", "g", "--every", "2"}, "is not a duration"},
      {{"explain", "--config", "a.yml", "t", "s", "g", "--polls", "0"}, "--polls"},
      {{"--config", "a.yml", "--config", "b.yml"}, "--config"},
  };
  for (const Row& row : rows) {
    const CommandLine command = Parse(row.arguments);
    EXPECT_EQ(command.action, Action::kPrint);
    EXPECT_TRUE(command.wrong_usage);
    EXPECT_THAT(command.text, HasSubstr(row.said));
    EXPECT_THAT(command.text, HasSubstr("Try: streamgauge --help"));
  }
}

TEST(CommandLineTest, HelpFitsAScreenAndShowsEveryFlagAndAnExample) {
  for (const auto* flag : {"--help", "-h"}) {
    const CommandLine command = Parse({flag});
    EXPECT_FALSE(command.wrong_usage);
    EXPECT_LE(std::ranges::count(command.text, '\n'), 24);
    std::istringstream lines(command.text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 85U) << line;
    for (const auto* word :
         {"check ", "explain ", "--polls", "--every", "--config FILE", "--check-config", "--once",
          "--version", "--help", "Example", "Exit codes", "0.0.0.0:9760"}) {
      EXPECT_THAT(command.text, HasSubstr(word));
    }
  }
}

TEST(CommandLineTest, HelpIsGivenAlsoAfterACommand) {
  for (const auto* command : {"check", "explain"}) {
    const CommandLine help = Parse({command, "--help"});
    EXPECT_FALSE(help.wrong_usage) << command;
    EXPECT_THAT(help.text, HasSubstr("Usage: "));
  }
}

TEST(CommandLineTest, ExplainTakesNamesAsTheApiShowsThem) {
  const CommandLine command =
      Parse({"explain", "--config", "a.yml", "t", R"(a\xff\x5cxff)", R"(new\x0aline)"});
  EXPECT_EQ(command.explain.stream, "a\xff\\xff");
  EXPECT_EQ(command.explain.group, "new\nline");
  const CommandLine dashes = Parse({"explain", "--config", "a.yml", "t", "--", "-s", "--config"});
  EXPECT_EQ(dashes.explain.stream, "-s");
  EXPECT_EQ(dashes.explain.group, "--config");
}

TEST(CommandLineTest, ExplainTakesWhatToExplainAndHowLongToLook) {
  const CommandLine usual = Parse({"explain", "--config", "a.yml", "t", "s", "g"});
  EXPECT_EQ(usual.action, Action::kExplain);
  EXPECT_EQ(usual.explain.target, "t");
  EXPECT_EQ(usual.explain.stream, "s");
  EXPECT_EQ(usual.explain.group, "g");
  EXPECT_EQ(usual.explain.polls, 3);
  EXPECT_EQ(usual.explain.every, std::chrono::seconds(2));
  const CommandLine longer =
      Parse({"--config", "a.yml", "explain", "t", "s", "g", "--polls", "31", "--every", "10s"});
  EXPECT_EQ(longer.explain.polls, 31);
  EXPECT_EQ(longer.explain.every, std::chrono::seconds(10));
}

TEST(CommandLineTest, VersionNamesTheProgramAndWhatItIsMadeOf) {
  const std::string text = Parse({"--version"}).text;
  EXPECT_THAT(text, testing::StartsWith("streamgauge "));
  for (const char* line : {"\ncompiled by ", "\nlibrdkafka 2.", "\nhiredis 1.", "\nOpenSSL 3."}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace streamgauge
