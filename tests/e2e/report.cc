#include "e2e/report.h"

#include <fmt/format.h>

#include <optional>

namespace streamgauge::test {
namespace {

constexpr const char* kLine = "{:<26} {:<6} {:<33} {:<6} {:>9} {:>7} {:>9} {:>7}\n";

std::string Between(std::optional<Clock::time_point> from, const AlertMessage* message) {
  if (!from || message == nullptr) return "-";
  return fmt::format("{:.1f} s", std::chrono::duration<double>(message->arrived - *from).count());
}

const AlertMessage* First(const std::vector<AlertMessage>& messages) {
  return messages.empty() ? nullptr : &messages.front();
}
const AlertMessage* Last(const std::vector<AlertMessage>& messages) {
  return messages.empty() ? nullptr : &messages.back();
}

std::string Times(const ExpectedAlert& alert, std::size_t arrived) {
  if (arrived > 1) return fmt::format(" x{}", arrived);
  return !alert.certain && arrived == 0 ? " (not sent)" : "";
}

std::string Limit(std::chrono::seconds limit) { return fmt::format("{} s", limit.count()); }

std::string Row(const Scenario& scenario, const ExpectedAlert& alert) {
  const Arrival& seen = scenario.arrival(alert);
  return fmt::format(kLine, scenario.plan().name, scenario.plan().system,
                     alert.name + Times(alert, seen.firing.size()), alert.path,
                     Between(scenario.broken_at(), First(seen.firing)), Limit(alert.within),
                     Between(scenario.cured_at(), Last(seen.resolved)),
                     Limit(alert.resolved_within));
}

}  // namespace

std::string Report(const std::vector<Scenario>& scenarios) {
  std::string table = fmt::format(
      "Time runs {} times as fast: 15 s here are 5 minutes.\n"
      "ARRIVED: from the break to the receiver. RESOLVED: from the cure.\n",
      kTimeFactor);
  table += fmt::format(kLine, "SCENARIO", "SYSTEM", "ALERT", "TO", "ARRIVED", "LIMIT", "RESOLVED",
                       "LIMIT");
  for (const Scenario& scenario : scenarios) {
    for (const ExpectedAlert& alert : scenario.plan().alerts) table += Row(scenario, alert);
    if (scenario.plan().alerts.empty()) {
      table += fmt::format(kLine, scenario.plan().name, scenario.plan().system, "none", "-", "-",
                           "-", "-", "-");
    }
    for (const AlertMessage& message : scenario.unexpected()) {
      table +=
          fmt::format("  UNEXPECTED {} {} at {}\n", message.status, message.name(), message.path);
    }
  }
  return table;
}

}  // namespace streamgauge::test
