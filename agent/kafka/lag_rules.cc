#include "kafka/lag_rules.h"

#include <algorithm>
#include <chrono>

#include "kafka/explanation.h"

namespace streamgauge::kafka {
namespace {

// Long enough for a consumer that commits every few seconds to show that it is alive.
constexpr std::chrono::minutes kStandstill{1};

}  // namespace

std::optional<std::uint64_t> LagOf(Offset committed, Offset start, Offset end, Trace* trace,
                                   std::size_t partition) {
  if (committed > end) {
    TellPartition(trace, partition, "no lag: committed {} is beyond the end {}", committed, end);
    return std::nullopt;
  }
  // The start may have been read later than the end that it passed meanwhile.
  const Offset lag = std::max<Offset>(0, end - std::max(committed, start));
  TellPartition(trace, partition, "lag {} = end {} - max(committed {}, start {})", lag, end,
                committed, start);
  return static_cast<std::uint64_t>(lag);
}

std::uint64_t LostIn(std::optional<Offset> start_before, std::optional<Offset> previous_start,
                     Offset furthest) {
  if (!start_before || !previous_start) return 0;
  const Offset from = std::max(furthest, *start_before);
  const Offset lost = std::max<Offset>(0, *previous_start - from);
  const bool may_be_marker = lost == 1 && from == furthest;
  return may_be_marker ? 0 : static_cast<std::uint64_t>(lost);
}

std::optional<std::uint64_t> HeadroomOf(Offset committed, Offset start, Offset end) {
  if (LagOf(committed, start, end).value_or(0) == 0) return std::nullopt;
  return static_cast<std::uint64_t>(std::max<Offset>(0, committed - start));
}

bool IsAbandoned(const TopicHold& hold) {
  return hold.stable && hold.members > 0 && hold.assigned == 0 &&
         hold.uncommitted_for >= kStandstill;
}

}  // namespace streamgauge::kafka
