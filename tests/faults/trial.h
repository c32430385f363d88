// One fault in one scene, from all being well to all being well again.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "faults/fault.h"
#include "faults/resources.h"
#include "faults/witness.h"

namespace streamgauge::test {

// What came of it.
struct Outcome {
  std::string fault;
  std::chrono::milliseconds down_after{-1};  // since it began; negative: it never was
  int polls_until_right = -1;  // that began after its end; negative: it never was right again
  Resources before;
  Resources after;
  std::uint64_t looks = 0;
  std::vector<std::string> problems;  // empty: survived

  bool survived() const { return problems.empty(); }
};

struct Stage {
  AgentProcess& agent;
  World& world;
  std::chrono::milliseconds poll_interval;
  std::chrono::milliseconds stale_after;
  std::function<void()> begin;
  std::function<void()> end;
  // Where the fault ends by itself: whether it has.
  std::function<bool()> over;
  const ShiftedClock* agent_clock = nullptr;  // where it is not the real one
};

// Does not throw: what does is a problem.
Outcome RunTrial(const FaultFacts& facts, const Stage& stage);

}  // namespace streamgauge::test
