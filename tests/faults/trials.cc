#include "faults/trials.h"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>
#include <fstream>

#include "faults/fault_table.h"

namespace streamgauge::test {

std::string TestName(const FaultFacts& facts) {
  std::string name;
  bool begins = true;
  for (const char c : facts.name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) name += static_cast<char>(begins ? std::toupper(byte) : byte);
    begins = std::isalnum(byte) == 0;
  }
  return name;
}

void Report(const std::string& kind, const std::vector<Outcome>& outcomes) {
  const std::string table = TableOf(outcomes);
  fmt::print("\n{}\n", table);
  const char* folder = std::getenv("STREAMGAUGE_FAULTS_REPORT");
  if (folder == nullptr) return;
  std::filesystem::create_directories(folder);
  std::ofstream(std::filesystem::path(folder) / (kind + ".report.txt")) << table;
}

}  // namespace streamgauge::test
