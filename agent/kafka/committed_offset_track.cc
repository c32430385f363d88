#include "kafka/committed_offset_track.h"

#include <algorithm>
#include <chrono>

namespace streamgauge::kafka {
namespace {

// signals.window's default: long enough for whoever comes back to commit.
constexpr std::chrono::minutes kWindow{5};

}  // namespace

void CommittedOffsetTrack::Observe(Offset committed, std::optional<Offset> end, SteadyTime now) {
  const bool changed = committed_ != committed;
  if (changed) moved_at_ = now;
  if (changed && distrusted_) ForgetPlace();
  if (committed_ && committed < *committed_) {
    old_place_ = std::max(*committed_, old_place_.value_or(0));
  }
  if (old_place_ && committed >= *old_place_) old_place_.reset();
  committed_ = committed;

  const bool beyond = end && committed > *end;
  // Beyond the end all that was there has been passed. Where the end is not known the offset counts
  // as it is: else what was finished may seem lost.
  furthest_ = beyond ? *end : std::max(furthest_, committed);
  // There is nothing beyond the end that could have been delivered.
  if (beyond) delivered_.Rebase();
  if (end && !beyond) delivered_.Observe(static_cast<std::uint64_t>(committed));
  rise_waits_ = !end && (changed || rise_waits_);
  if (beyond && !distrusted_) Distrust(now);
  if (!beyond && distrusted_ && now - distrusted_since_ >= kWindow) distrusted_ = false;
}

void CommittedOffsetTrack::TakeStart(Offset start) {
  if (old_place_ && start >= *old_place_) old_place_.reset();
}

void CommittedOffsetTrack::ObserveNone() {
  ForgetPlace();
  furthest_ = 0;
}

void CommittedOffsetTrack::TopicRecreated(SteadyTime now) {
  old_place_.reset();
  furthest_ = 0;
  rise_waits_ = false;
  delivered_.Rebase();
  if (committed_) Distrust(now);
}

std::optional<Offset> CommittedOffsetTrack::trusted() const {
  return distrusted_ ? std::nullopt : committed_;
}

bool CommittedOffsetTrack::Rewound(SteadyTime now) const {
  return old_place_.has_value() || (distrusted_ && now - distrusted_since_ < kWindow);
}

void CommittedOffsetTrack::Distrust(SteadyTime now) {
  distrusted_ = true;
  distrusted_since_ = now;
}

void CommittedOffsetTrack::ForgetPlace() {
  committed_.reset();
  old_place_.reset();
  distrusted_ = false;
  rise_waits_ = false;
  delivered_.Rebase();
}

}  // namespace streamgauge::kafka
