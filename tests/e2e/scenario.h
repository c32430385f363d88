// One plan as it goes on: it breaks, waits for its alerts, cures, and waits until they are
// resolved.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "e2e/plan.h"
#include "e2e/situation.h"
#include "support/alert_receiver.h"

namespace streamgauge::test {

using Clock = std::chrono::steady_clock;
using Condition = std::function<bool(Clock::time_point now)>;

// What has arrived of one alert of a plan.
struct Arrival {
  std::vector<AlertMessage> firing, resolved;
};

// For one thread.
class Scenario {
 public:
  Scenario(const Plan& plan, std::unique_ptr<Situation> situation)
      : plan_(plan), situation_(std::move(situation)) {}

  // Besides the time, and besides the arrival of its alerts.
  void BreakOnlyWhen(Condition condition) { may_break_ = std::move(condition); }
  void CureOnlyWhen(Condition condition) { may_cure_ = std::move(condition); }

  void Prelude() { situation_->Prelude(); }
  // Does what is due. `messages`: everything that has arrived so far.
  void Step(Clock::time_point now, const std::vector<AlertMessage>& messages);

  const Plan& plan() const { return plan_; }
  std::optional<Clock::time_point> broken_at() const { return broken_at_; }
  std::optional<Clock::time_point> cured_at() const { return cured_at_; }
  bool AllArrived() const;
  // Everything that had to come has come and is resolved. A plan without alerts never waits.
  bool Done() const;

  bool Owns(const AlertMessage& message) const;
  const Arrival& arrival(const ExpectedAlert& alert) const;
  // Its own messages that no expectation of the plan is about.
  const std::vector<AlertMessage>& unexpected() const { return unexpected_; }
  std::optional<std::string> failure() const { return situation_->failure(); }

 private:
  void Sort(const std::vector<AlertMessage>& messages);
  Arrival* FindArrival(const AlertMessage& message);

  const Plan& plan_;
  std::unique_ptr<Situation> situation_;
  Condition may_break_, may_cure_;
  std::optional<Clock::time_point> broken_at_, cured_at_;
  Clock::time_point went_on_at_;
  std::vector<Arrival> arrivals_;  // parallel to plan_.alerts
  std::vector<AlertMessage> unexpected_;
};

}  // namespace streamgauge::test
