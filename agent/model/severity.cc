#include "model/severity.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace streamgauge {

Severity SeverityOf(const GroupReading& reading, const GroupSignals& signals) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  Severity severity;
  severity.state = signals.state;
  const double age = reading.lag_seconds.value_or(-1);
  if (!std::isnan(age)) severity.age_seconds = age;  // a NaN has no place in any order
  if (reading.lag) severity.lag = static_cast<std::int64_t>(std::min(*reading.lag, kMost));
  return severity;
}

bool IsWorse(const Severity& a, const Severity& b) {
  if (a.state != b.state) return a.state < b.state;
  if (a.age_seconds != b.age_seconds) return a.age_seconds > b.age_seconds;
  return a.lag > b.lag;
}

}  // namespace streamgauge
