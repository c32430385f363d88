#include "kafka/rights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "build_paths.h"
#include "support/temp_dir.h"

namespace streamgauge::kafka {
namespace {

using testing::HasSubstr;

std::string Document() { return test::ReadFile(build_paths::Source() / "docs/kafka.md"); }

TEST(KafkaRights, TheDocumentTellsEachOneAndWhatIsLostWithoutIt) {
  std::string table = "| operation | resource | without it |\n|---|---|---|\n";
  for (const Right& right : Rights()) {
    table += "| " + std::string(right.operation) + " | " + std::string(right.resource) + ", " +
             std::string(right.on) + " | " + std::string(right.lost) + " |\n";
  }
  EXPECT_THAT(Document(), HasSubstr(table));
}

TEST(KafkaRights, TheDocumentedCommandsAreThoseThatArePrinted) {
  KafkaTargetConfig config;
  config.brokers = {"HOST:PORT"};
  config.properties["sasl.username"] = "monitor";
  const std::vector<std::string> topic = {"Describe", "DescribeConfigs"};
  const std::vector<std::string> group = {"Describe"};
  const std::vector<std::string> read = {"Read"};
  std::string document = Document();
  for (std::size_t at = 0; (at = document.find(" \\\n  ", at)) != std::string::npos;) {
    document.replace(at, 5, " ");
  }
  EXPECT_THAT(document, HasSubstr(GrantCommand(config, topic, "Topic", "*")));
  EXPECT_THAT(document, HasSubstr(GrantCommand(config, group, "Group", "*")));
  EXPECT_THAT(document, HasSubstr(GrantCommand(config, read, "Topic", "__consumer_offsets")));
}

TEST(KafkaRights, APatternIsGrantedAsANameAPrefixOrEverything) {
  KafkaTargetConfig config;
  config.brokers = {"b:9092"};
  const std::vector<std::string> operations = {"Describe"};
  struct Row {
    const char* pattern;
    const char* ending;
    const char* why;
  };
  const Row rows[] = {
      {"orders", "--topic orders", "a name"},
      {"orders.*", "--topic orders. --resource-pattern-type prefixed", "a prefix"},
      {"orders.*.eu", "--topic orders. --resource-pattern-type prefixed", "more, but enough"},
      {"*", "--topic '*'", "everything"},
      {"*.eu", "--topic '*'", "Kafka knows no endings"},
      {"it's*", "--topic 'it'\\''s' --resource-pattern-type prefixed", "as a shell takes it"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(GrantCommand(config, operations, "Topic", row.pattern),
                testing::EndsWith(row.ending))
        << row.why;
  }
  EXPECT_THAT(GrantCommand(config, operations, "Group", "g"),
              HasSubstr("--allow-principal User:PRINCIPAL --operation Describe --group g"))
      << "who logs in without a user name is named by the reader";
}

}  // namespace
}  // namespace streamgauge::kafka
