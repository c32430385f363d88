// The latest of every target, for all who read: metrics, JSON and the page. Writers (one poller per
// target) and readers (HTTP threads) meet at one short mutex that guards pointer copies only, so
// that no reader ever waits for a poll. (std::atomic<std::shared_ptr> is not lock-free in g++ 12
// and ThreadSanitizer reports a race inside it.)
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "model/error.h"
#include "model/report.h"
#include "model/time.h"

namespace streamgauge {

// One target as it stands. Immutable.
struct TargetView {
  std::string system;  // label values, not escaped
  std::string name;
  Duration poll_interval{};
  bool polled = false;         // polled at least once, with whatever outcome
  bool up = false;             // the last poll succeeded
  std::optional<Error> error;  // of the last poll, when it failed
  std::optional<WallTime> last_success;
  std::optional<std::chrono::microseconds> last_duration;
  // Null when there is nothing fit to be shown: never polled, or down for longer than stale_after.
  ReportRef report;
  // When `report` becomes too old to be shown, even if the poller hangs and publishes nothing more.
  // Board::View sees to it; readers need not look.
  SteadyTime expires = SteadyTime::max();
  // Presentation settings of the target's configuration that the renderer needs.
  bool partition_detail = true;
  std::uint64_t max_series = 1'000'000;
};
using TargetViewRef = std::shared_ptr<const TargetView>;

// All targets in the configuration's order, at one moment.
struct BoardView {
  std::uint64_t version = 0;  // rises with every change: equal versions are equal content
  std::vector<TargetViewRef> targets;
};

class Board {
 public:
  // Adds the target at the end or replaces the one of the same name.
  void Publish(TargetViewRef view);
  // Brings the targets into this order; those not named go (reload).
  void Arrange(const std::vector<std::string>& names);
  // What stands at `now`. A report that has expired is dropped from the board, for everybody, and
  // its target counts as down: a poll that never ends cannot keep old figures alive.
  BoardView View(SteadyTime now = std::chrono::steady_clock::now()) const;

 private:
  mutable std::mutex mutex_;
  mutable BoardView view_;  // View() drops what has expired
};

}  // namespace streamgauge
