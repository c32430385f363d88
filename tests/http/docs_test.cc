// The examples of docs/api.md against the schema.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "build_paths.h"
#include "http/schema_check.h"
#include "support/temp_dir.h"

namespace streamgauge {
namespace {

std::vector<test::Json> JsonBlocks(const std::string& document) {
  const std::string begin = "```json\n";
  std::vector<test::Json> blocks;
  for (std::size_t at = document.find(begin); at != std::string::npos;) {
    const std::size_t end = document.find("```", at + begin.size());
    blocks.push_back(
        test::Json::parse(document.substr(at + begin.size(), end - at - begin.size())));
    at = document.find(begin, end);
  }
  return blocks;
}

TEST(ApiDocumentTest, ItsExamplesAreAsTheSchemaSays) {
  const test::SchemaCheck schema(
      test::Json::parse(test::ReadFile(build_paths::Source() / "docs/api.schema.json")));
  const auto blocks = JsonBlocks(test::ReadFile(build_paths::Source() / "docs/api.md"));
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(schema.Problem(blocks[0], "groups"), "");
  EXPECT_EQ(schema.Problem(blocks[1], "targets"), "");
}

}  // namespace
}  // namespace streamgauge
