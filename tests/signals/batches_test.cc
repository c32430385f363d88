// A stream that is trimmed in batches and a group that reads in batches, about as often as the
// agent polls: each poll then meets a somewhat later place of a sawtooth, and what goes up and down
// all the time seems to fall for windows on end.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>

#include "signals/one_group.h"

namespace streamgauge {
namespace {

constexpr std::uint64_t kKept = 400;
constexpr int kStepsPerTrim = 40;
constexpr int kStepsPerRead = 20;
constexpr double kPollMs = 500;

SignalsConfig ShortWindow() {
  SignalsConfig config;
  config.window = 10s;
  return config;
}

// Three steps add four messages.
class Batches : public OneGroup {
 protected:
  Batches() : OneGroup(ShortWindow()) {
    start_ = reading_.time;
    group().lost_total = 0;
  }

  // Steps of so many milliseconds for `seconds`; `read` tells how many of so many unread messages
  // the group takes when its turn comes. `seen` looks at each poll.
  void Run(double step_ms, double seconds, const std::function<std::uint64_t(std::uint64_t)>& read,
           const std::function<void(const GroupSignals&)>& seen) {
    const double until = now_ms_ + 1000 * seconds;
    while (now_ms_ < until) {
      now_ms_ += step_ms;
      Step(read);
      if (now_ms_ < next_poll_ms_) continue;
      next_poll_ms_ += kPollMs;
      Fill();
      seen(Poll());
    }
  }

  std::uint64_t unread() const { return appended_ - std::max(next_, trimmed_); }

 private:
  void Step(const std::function<std::uint64_t(std::uint64_t)>& read) {
    appended_ += ++steps_ % 3 == 0 ? 2 : 1;
    if (steps_ % kStepsPerTrim == 0 && appended_ - trimmed_ > kKept) {
      trimmed_ = appended_ - kKept;
      if (trimmed_ > next_) {
        *group().lost_total += trimmed_ - next_;
        next_ = trimmed_;
      }
    }
    if (steps_ % kStepsPerRead != 0) return;
    const std::uint64_t count = std::min(read(unread()), unread());
    next_ += count;
    delivered_ += count;
  }

  void Fill() {
    reading_.time = start_ + std::chrono::milliseconds(static_cast<std::int64_t>(now_ms_));
    stream().appended_total = appended_;
    stream().trimmed_total = trimmed_;
    group().lag = unread();
    group().lag_seconds = static_cast<double>(unread()) / 90;
    group().headroom_messages = appended_ - trimmed_ - unread();
    group().position = Position{next_, 0};
    group().delivered_total = group().acknowledged_total = delivered_;
  }

  WallTime start_;
  double now_ms_ = 0;
  double next_poll_ms_ = 0;
  int steps_ = 0;
  std::uint64_t appended_ = kKept;
  std::uint64_t trimmed_ = 0;
  std::uint64_t next_ = kKept;
  std::uint64_t delivered_ = kKept;
};

// Trims are 0.6 to 1.4 s apart, reads half of that.
TEST_F(Batches, OutOfStepWithThePollsAreNoLoss) {
  for (double step_ms = 15; step_ms < 35; step_ms += 0.3) {
    int announced = 0;
    const auto all = [](std::uint64_t there) { return there; };
    Run(step_ms, 120, all, [&](const GroupSignals& signals) {
      announced += signals.state == GroupState::kLosingData || signals.headroom_seconds;
    });
    EXPECT_EQ(announced, 0) << "steps of " << step_ms << " ms: " << Reason();
  }
}

// In a window the group does four fifths of what comes in.
TEST_F(Batches, ThatFallBehindAreAnnouncedLongBeforeTheLoss) {
  const double step_ms = 24;
  Run(step_ms, 60, [](std::uint64_t there) { return there; }, [](const GroupSignals&) {});
  double seconds = 0;
  std::optional<double> announced;
  std::optional<double> lost;
  const auto too_few = [](std::uint64_t) { return 21; };
  Run(step_ms, 120, too_few, [&](const GroupSignals& signals) {
    seconds += kPollMs / 1000;
    if (!announced && signals.state == GroupState::kLosingData) announced = seconds;
    if (!lost && *group().lost_total > 0) lost = seconds;
  });
  ASSERT_TRUE(announced && lost);
  EXPECT_LT(*announced, *lost / 2) << "lost after " << *lost << " s";
}

}  // namespace
}  // namespace streamgauge
