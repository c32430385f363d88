// docs/faults.md against the faults in the code: its tables are made from them, the prose around
// stays. UPDATE_GOLDEN=1 build/fault_docs_test writes them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "build_paths.h"
#include "faults/kafka_scene.h"
#include "faults/redis_scene.h"
#include "metrics/golden_file.h"

namespace streamgauge::test {
namespace {

template <typename Faults>
std::string Rows(const Faults& faults) {
  std::string text;
  for (const auto& fault : faults) {
    const FaultFacts& facts = fault.facts;
    text += fmt::format("| {} | {} | {} | {} |\n", facts.name, facts.injected, facts.seen,
                        facts.polls_until_right);
  }
  return text;
}

std::vector<std::pair<std::string, std::string>> Tables() {
  return {
      {"redis", Rows(RedisNetworkFaults()) + Rows(RedisServerFaults()) + Rows(RedisFailovers()) +
                    Rows(RedisNameFaults()) + Rows(RedisTlsFaults()) + Rows(RedisContentFaults())},
      {"kafka", Rows(KafkaNetworkFaults()) + Rows(KafkaServerFaults()) + Rows(KafkaNameFaults()) +
                    Rows(KafkaTlsFaults()) + Rows(KafkaClusterFaults())},
      {"agent", Rows(AgentFaults())}};
}

TEST(FaultDocs, TellOfEveryFaultThatIsTried) {
  std::string document = ReadFile(build_paths::Source() / "docs/faults.md");
  for (const auto& [name, rows] : Tables()) {
    const std::string begin = "<!-- faults: " + name + " -->\n";
    const std::size_t at = document.find(begin);
    const std::size_t end = document.find("<!-- end -->", at);
    ASSERT_NE(at, std::string::npos) << begin;
    ASSERT_NE(end, std::string::npos) << begin;
    const std::size_t from = at + begin.size();
    document.replace(from, end - from,
                     "| fault | how it is tried | meanwhile | polls until right |\n"
                     "|---|---|---|---|\n" +
                         rows);
  }
  ExpectGolden("docs/faults.md", document);
}

}  // namespace
}  // namespace streamgauge::test
