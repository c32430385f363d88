#include "kafka/end_window.h"

#include <algorithm>
#include <chrono>

namespace streamgauge::kafka {
namespace {

// With 10 s between polls five minutes of a busy partition, for 768 bytes.
constexpr std::size_t kMaxPoints = 32;
// Between polls further apart the error would be felt: the search by timestamp does better.
constexpr std::chrono::seconds kMaxGap{15};

}  // namespace

void EndWindow::Observe(SteadyTime at, Offset end, bool every_poll) {
  if (!points_.empty() && end < points_.back().end) Forget();
  if (!points_.empty() && end == points_.back().end) {
    points_.back().last = at;
    return;
  }
  if (points_.size() == kMaxPoints) points_.erase(points_.begin());
  points_.push_back({end, at, at, every_poll});
}

std::optional<SteadyTime> EndWindow::AppendedAt(Offset offset) const {
  const auto after =
      std::upper_bound(points_.begin(), points_.end(), offset,
                       [](Offset value, const Point& point) { return value < point.end; });
  if (after == points_.begin() || after == points_.end()) return std::nullopt;
  const Point& before = *(after - 1);
  const SteadyTime::duration gap = after->first - before.last;
  if (gap > kMaxGap || !after->every_poll) return std::nullopt;
  const double share = (static_cast<double>(offset - before.end) + 0.5) /
                       static_cast<double>(after->end - before.end);
  return before.last + std::chrono::duration_cast<SteadyTime::duration>(gap * share);
}

}  // namespace streamgauge::kafka
