// All groups of a board, or those that were asked for, worst first: what the API and the page list.
// The result points into the view, which must outlive it.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "model/board.h"
#include "model/severity.h"

namespace streamgauge {

// One group of one target.
struct RankedGroup {
  const TargetView* target = nullptr;
  std::size_t index = 0;  // into the report's groups
  Severity severity;

  const Report& report() const { return *target->report; }
  const GroupReading& reading() const { return report().reading.groups[index]; }
  const GroupSignals& signals() const { return SignalsOf(report(), index); }
  const StreamReading& stream() const { return report().reading.streams[reading().stream]; }
};

// Equally bad groups stay in the board's order.
std::vector<RankedGroup> RankGroups(const BoardView& view,
                                    const std::function<bool(const RankedGroup&)>& wanted);

}  // namespace streamgauge
