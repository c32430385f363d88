// One of the agent's counters against the truth. The agent counts from when it first looked, and
// nobody knows exactly when that was: the difference to the truth must always be the same.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace streamgauge::test {

class TotalCheck {
 public:
  // From now on the agent may have missed some of what happened, but never counts more.
  void MayFallShort() { exact_ = false; }

  // `truths`: what may have been true when the total was read. False when none of them fits.
  bool Fits(double total, const std::vector<std::uint64_t>& truths) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const std::uint64_t truth : truths) {
      const double missed = static_cast<double>(truth) - total;
      if (missed < low_ || (exact_ && missed > high_)) continue;
      low = std::min(low, missed);
      high = std::max(high, missed);
    }
    if (low > high) return false;
    if (exact_) {
      low_ = low;
      high_ = high;
    }
    return true;
  }

  // How much of the truth the agent may not have seen, because it was not there.
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  bool exact_ = true;
  double low_ = 0;  // what happened before the agent first looked: between the two
  double high_ = std::numeric_limits<double>::infinity();
};

}  // namespace streamgauge::test
