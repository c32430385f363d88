// One way in which things go wrong: what it looks like to users, and what the agent must do.
#pragma once

#include <chrono>
#include <cstddef>
#include <set>
#include <string>

namespace streamgauge::test {

// A row of the table in docs/faults.md, and what is expected.
struct FaultFacts {
  std::string name;
  std::string injected;  // how
  std::string seen;      // what users see meanwhile

  // The reasons that polls may fail for. Empty: no poll fails, the target stays up.
  std::set<std::string> reasons;
  // The target comes back by itself while the fault lasts: it is down for a poll or two.
  bool passes = false;
  // And when it falls between two polls, no poll fails.
  bool may_go_unnoticed = false;
  // The page cannot be had meanwhile.
  bool unanswered = false;
  // The world's producers and consumers could not work, or must not change anything.
  bool world_rests = false;
  // Where the target does not stay down: how long it lasts.
  std::chrono::milliseconds lasts{1000};
  int polls_until_right = 2;
  std::size_t rss_growth_kib = 4096;
  // Connections that may be open afterwards and were not before: which brokers of a cluster are
  // asked depends on who leads and coordinates.
  std::size_t more_connections = 0;
};

}  // namespace streamgauge::test
