#include "signals/stream_track.h"

#include <cmath>

namespace streamgauge {

void StreamTrack::Observe(const StreamReading& stream, Tick now, const SignalsConfig& config) {
  if (incarnation_ != stream.incarnation) Forget(stream, now);
  if (stream.appended_total && stream.appended_total != appended_total_) {
    appended_at_ = now;
    appended_total_ = stream.appended_total;
  }
  const Tick window = config.window.count();
  history_.Push(PointOf(stream, now), window);
  appended_ = RiseOf(history_, &StreamPoint::appended);
  Average(now, config);
  ObserveStarts(stream, now, window);
  last_seen = now;
}

void StreamTrack::Forget(const StreamReading& stream, Tick now) {
  *this = {};
  name = stream.name;
  incarnation_ = stream.incarnation;
  first_seen_ = appended_at_ = now;
}

void StreamTrack::Average(Tick now, const SignalsConfig& config) {
  if (!appended_) return;
  const double rate = appended_->rate();
  const double step = SecondsBetween(last_seen, now);
  const double weight = 1 - std::exp(-step / ToSeconds(config.pending_window));
  average_rate_ = average_rate_ ? *average_rate_ + (rate - *average_rate_) * weight : rate;
  is_old_enough_ =
      is_old_enough_ || SecondsBetween(first_seen_, now) > 3 * ToSeconds(config.window);
}

std::optional<double> StreamTrack::usual_append_rate() const {
  return is_old_enough_ ? average_rate_ : std::nullopt;
}

void StreamTrack::ObserveStarts(const StreamReading& stream, Tick now, Tick window) {
  starts_.resize(stream.partitions.size());
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    const PartitionReading& partition = stream.partitions[i];
    if (starts_[i].partition() != partition.partition) starts_[i] = StartTrack(partition.partition);
    if (partition.start_offset) starts_[i].Observe(*partition.start_offset, now, window);
  }
}

}  // namespace streamgauge
