// Many trials side by side, and what came of them.
#pragma once

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "faults/fault.h"
#include "faults/trial.h"

namespace streamgauge::test {

// The fault's name as a test's.
std::string TestName(const FaultFacts& facts);

// Prints the table, and writes it to $STREAMGAUGE_FAULTS_REPORT.KIND.report.txt if that is set.
void Report(const std::string& kind, const std::vector<Outcome>& outcomes);

// Those whose names hold $STREAMGAUGE_FAULT; without it, all.
template <typename Fault>
std::vector<Fault> Chosen(std::vector<Fault> faults) {
  if (const char* part = std::getenv("STREAMGAUGE_FAULT")) {
    std::erase_if(faults, [&](const Fault& fault) {
      return fault.facts.name.find(part) == std::string::npos;
    });
  }
  return faults;
}

// Outcomes in the order of the faults. Every trial is run by one thread from beginning to end, as
// its processes need.
template <typename Fault>
std::vector<Outcome> TryAll(const std::vector<Fault>& faults, std::size_t side_by_side) {
  std::vector<Outcome> outcomes(faults.size());
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> workers;
  for (std::size_t i = 0; i < std::min(side_by_side, faults.size()); ++i) {
    workers.emplace_back([&] {
      for (std::size_t mine = next++; mine < faults.size(); mine = next++) {
        outcomes[mine] = Try(faults[mine]);
      }
    });
  }
  workers.clear();
  return outcomes;
}

}  // namespace streamgauge::test
