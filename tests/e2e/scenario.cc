#include "e2e/scenario.h"

#include <algorithm>

namespace streamgauge::test {
namespace {

constexpr std::chrono::seconds kBetweenSteps{2};

std::string LabelOf(const AlertMessage& message, const std::string& name) {
  const auto found = message.labels.find(name);
  return found == message.labels.end() ? "" : found->second;
}

}  // namespace

void Scenario::Step(Clock::time_point now, const std::vector<AlertMessage>& messages) {
  Sort(messages);
  if (!broken_at_) {
    if (may_break_ && !may_break_(now)) return;
    situation_->Break();
    broken_at_ = went_on_at_ = Clock::now();
    return;
  }
  if (now - went_on_at_ >= kBetweenSteps) {
    went_on_at_ = now;
    situation_->GoOn();
  }
  if (cured_at_ || plan_.alerts.empty() || !AllArrived()) return;
  if (may_cure_ && !may_cure_(now)) return;
  situation_->Cure();
  cured_at_ = Clock::now();
}

void Scenario::Sort(const std::vector<AlertMessage>& messages) {
  arrivals_.assign(plan_.alerts.size(), {});
  unexpected_.clear();
  for (const AlertMessage& message : messages) {
    if (!Owns(message)) continue;
    if (Arrival* arrival = FindArrival(message)) {
      (message.firing() ? arrival->firing : arrival->resolved).push_back(message);
    } else {
      unexpected_.push_back(message);
    }
  }
}

Arrival* Scenario::FindArrival(const AlertMessage& message) {
  for (std::size_t i = 0; i < plan_.alerts.size(); ++i) {
    if (message.name() == "Streamgauge" + plan_.alerts[i].name) return &arrivals_[i];
  }
  return nullptr;
}

bool Scenario::Owns(const AlertMessage& message) const {
  switch (plan_.trouble) {
    case Trouble::kOneAgentKilled:
      return LabelOf(message, "agents") == "some";
    case Trouble::kAllAgentsKilled:
      return LabelOf(message, "agents") == "none";
    default:
      return LabelOf(message, "target") == plan_.target();
  }
}

bool Scenario::AllArrived() const {
  return std::all_of(plan_.alerts.begin(), plan_.alerts.end(), [&](const ExpectedAlert& alert) {
    return !alert.certain || !alert.before_cure || !arrival(alert).firing.empty();
  });
}

bool Scenario::Done() const {
  if (plan_.alerts.empty()) return broken_at_.has_value();
  return cured_at_ &&
         std::all_of(plan_.alerts.begin(), plan_.alerts.end(), [&](const ExpectedAlert& alert) {
           const Arrival& seen = arrival(alert);
           return seen.firing.size() <= seen.resolved.size() &&
                  !(alert.certain && seen.firing.empty());
         });
}

const Arrival& Scenario::arrival(const ExpectedAlert& alert) const {
  static const Arrival kNone;
  const auto index = static_cast<std::size_t>(&alert - plan_.alerts.data());
  return index < arrivals_.size() ? arrivals_[index] : kNone;
}

}  // namespace streamgauge::test
