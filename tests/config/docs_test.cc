// The documents hold what the loader knows: every key, and the defaults.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <regex>
#include <set>
#include <string>
#include <variant>

#include "build_paths.h"
#include "config/loader.h"
#include "support/temp_dir.h"

namespace streamgauge {
namespace {

std::string Document(const std::string& name) {
  return test::ReadFile(build_paths::Source() / "docs" / name);
}

Config Parse(const std::string& text) {
  auto config = ParseConfig(text, "agent.yml", ProcessEnvironment());
  if (config) return *config;
  for (const auto& problem : config.error()) ADD_FAILURE() << problem.ToString();
  return {};
}

// targets[].tls.ca_file -> ca_file; targets[].properties["sasl.password_file"] ->
// sasl.password_file
std::string LastKey(const std::string& path) {
  if (path.ends_with("\"]")) {
    const std::size_t quote = path.find('"');
    return path.substr(quote + 1, path.size() - quote - 3);
  }
  return path.substr(path.rfind('.') + 1);
}

TEST(ConfigDocsTest, TheReferenceIsAConfigurationOfDefaults) {
  const Config reference = Parse(Document("streamgauge.reference.yml"));
  Config smallest = Parse(
      "targets:\n"
      "  - {name: checkout, type: redis, address: \"redis://127.0.0.1\"}\n"
      "  - {name: events, type: kafka, brokers: [\"127.0.0.1:9092\"]}\n"
      "objectives: [{stream: \"orders:*\", group: billing, lag_seconds: 30}]\n");
  EXPECT_EQ(reference.http, smallest.http);
  EXPECT_EQ(reference.log, smallest.log);
  EXPECT_EQ(reference.stale_after, smallest.stale_after);
  EXPECT_EQ(reference.signals, smallest.signals);
  EXPECT_EQ(reference.objectives, smallest.objectives);
  ASSERT_EQ(reference.targets.size(), 2U);
  EXPECT_TRUE(reference.targets[0] == smallest.targets[0]);
  EXPECT_TRUE(reference.targets[1] == smallest.targets[1]);
}

TEST(ConfigDocsTest, TheReferenceShowsEveryKey) {
  const std::string reference = Document("streamgauge.reference.yml");
  for (const std::string& path : KnownConfigKeys()) {
    const std::string key = std::regex_replace(LastKey(path), std::regex("\\."), "\\.");
    EXPECT_TRUE(std::regex_search(reference, std::regex("(^|[\\s{])" + key + ":"))) << path;
  }
}

TEST(ConfigDocsTest, TheTablesShowEveryKeyAndNoOther) {
  const std::string text = Document("configuration.md");
  std::set<std::string> shown;
  // Keys stand in the first column, each in backticks.
  const std::regex row("\n\\| (`[^|]*`) \\|");
  const std::regex key("`([^`]*)`");
  for (std::sregex_iterator i(text.begin(), text.end(), row), end; i != end; ++i) {
    const std::string cell = (*i)[1];
    for (std::sregex_iterator j(cell.begin(), cell.end(), key); j != end; ++j)
      shown.insert((*j)[1]);
  }
  // The sections themselves are named in the last sentence.
  for (const auto* section : {"http", "log", "signals", "shard"}) {
    EXPECT_NE(text.find("`" + std::string(section) + "`"), std::string::npos);
    shown.insert(section);
  }
  EXPECT_EQ(shown, KnownConfigKeys());
}

}  // namespace
}  // namespace streamgauge
