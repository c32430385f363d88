// Which group is worse: the order of every list that people see (worst first), and of what is kept
// when a limit cuts. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/report.h"

namespace streamgauge {

// By verdict, then age, then lag; the lesser is the worse. What is not known ranks behind what is.
struct Severity {
  GroupState state = GroupState::kUnknown;
  double age_seconds = -1;
  std::int64_t lag = -1;
};

Severity SeverityOf(const GroupReading& reading, const GroupSignals& signals);

// True when `a` is strictly worse than `b`.
bool IsWorse(const Severity& a, const Severity& b);

// The signals of the group at `index`; empty ones where no analysis was made.
inline const GroupSignals kNoSignals;
inline const GroupSignals& SignalsOf(const Report& report, std::size_t index) {
  return index < report.groups.size() ? report.groups[index] : kNoSignals;
}

}  // namespace streamgauge
