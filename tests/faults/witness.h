// Looks at an agent's page all the time and takes down what it says that is not true.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "faults/shifted_clock.h"
#include "faults/world.h"
#include "support/agent_process.h"

namespace streamgauge::test {

// One scrape, and what was found in it.
struct Glimpse {
  WallMoment at;                         // when the page was asked for
  bool answered = false;                 // false: there was no page, and the rest says nothing
  std::optional<bool> up;                // streamgauge_target_up
  double polling_seconds = 0;            // so far
  double polls = 0;                      // so far
  bool has_figures = false;              // of any stream or group
  bool right = false;                    // up, nothing is missing and nothing is false
  std::optional<WallMoment> poll_ended;  // whose figures they are
  std::map<std::string, double> errors;  // polls that failed so far, by reason
  std::vector<std::string> missing;
  std::vector<std::string> lies;

  // In words, what keeps it from being right.
  std::string Describe() const;
};

class Witness {
 public:
  // All outlive it. `stale_after` is the agent's, and so is the clock, where it is not the real
  // one.
  Witness(const AgentProcess& agent, World& world, std::chrono::milliseconds stale_after,
          const ShiftedClock* clock = nullptr);

  // Scrapes until `found` is true of one, which is returned; empty when that takes too long.
  template <typename Found>
  std::optional<Glimpse> Await(Found found, std::chrono::milliseconds deadline) {
    const auto until = std::chrono::steady_clock::now() + deadline;
    do {
      Glimpse glimpse = Look();
      if (glimpse.answered && found(glimpse)) return glimpse;
      std::this_thread::sleep_for(kBetweenLooks);
    } while (std::chrono::steady_clock::now() < until);
    return std::nullopt;
  }
  Glimpse Look();
  // The agent was started anew: its counters begin at 0.
  void ForgetCounters() { counters_.clear(); }

  // Different lies, at most a few, each with what its page had said of itself.
  const std::vector<std::string>& lies() const { return lies_; }
  std::uint64_t looks() const { return looks_; }
  std::uint64_t unanswered() const { return unanswered_; }

 private:
  static constexpr std::chrono::milliseconds kBetweenLooks{20};

  void CheckCounters(const MetricsPage& page, std::vector<std::string>& lies);
  void CheckStaleness(const Glimpse& glimpse, std::vector<std::string>& lies) const;
  void Keep(const Glimpse& glimpse);

  const AgentProcess& agent_;
  World& world_;
  const std::chrono::milliseconds stale_after_;
  const ShiftedClock* const clock_;
  struct Counter {
    double value = 0;
    WallMoment seen;
  };
  std::map<std::string, Counter> counters_;
  std::vector<std::string> lies_;
  std::set<std::string> kinds_;  // of lies: without their figures
  std::uint64_t looks_ = 0;
  std::uint64_t unanswered_ = 0;
};

}  // namespace streamgauge::test
