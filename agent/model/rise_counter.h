// A counter of the agent's own: the sum of the rises of a value that a server reports. A fall
// (re-creation, truncation, restore, SETID) sets a new baseline, so the sum never falls and never
// counts anything twice. It starts at 0 with the first value seen.
#pragma once

#include <cstdint>
#include <optional>

namespace streamgauge {

class RiseCounter {
 public:
  // Takes the present value and returns the sum of all rises so far.
  std::uint64_t Observe(std::uint64_t value) {
    if (previous_ && value > *previous_) total_ += value - *previous_;
    previous_ = value;
    return total_;
  }

  // The next value is a baseline: what happened in between is not known.
  void Rebase() { previous_.reset(); }
  // Counts a rise that was found by other means.
  void Add(std::uint64_t rise) { total_ += rise; }
  std::uint64_t total() const { return total_; }

 private:
  std::optional<std::uint64_t> previous_;
  std::uint64_t total_ = 0;
};

}  // namespace streamgauge
