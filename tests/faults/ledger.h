// What was true when: the states that a world has been in, one after the other. A command changes
// it somewhere between its sending and its answer, so states overlap for that long.
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace streamgauge::test {

using WallClock = std::chrono::system_clock;
using WallMoment = WallClock::time_point;

// One thread writes, any may read.
template <typename State>
class Ledger {
 public:
  struct Span {
    WallMoment from;   // it cannot have begun earlier
    WallMoment until;  // it cannot have ended later; the far future: it holds
    State state;
  };

  // `state` is true now, and was not before `sent`.
  void Note(WallMoment sent, State state) {
    const std::lock_guard lock(mutex_);
    if (!spans_.empty()) spans_.back().until = WallClock::now();
    spans_.push_back({sent, WallMoment::max(), std::move(state)});
    while (spans_.size() > kMostKept) spans_.pop_front();
  }

  // The states that may have been true at some moment between the two.
  std::vector<Span> Between(WallMoment from, WallMoment until) const {
    const std::lock_guard lock(mutex_);
    std::vector<Span> found;
    for (auto span = spans_.rbegin(); span != spans_.rend() && span->until >= from; ++span) {
      if (span->from <= until) found.push_back(*span);
    }
    return found;
  }

 private:
  static constexpr std::size_t kMostKept = 20'000;  // a minute of a busy world

  mutable std::mutex mutex_;
  std::deque<Span> spans_;
};

}  // namespace streamgauge::test
