#include "signals/stream_track.h"

#include <cmath>

namespace streamgauge {
namespace {

// Absent for Redis and while one of them is not known.
std::optional<std::int64_t> SumOfEnds(const StreamReading& stream) {
  if (stream.partitions.empty()) return std::nullopt;
  std::int64_t sum = 0;
  for (const PartitionReading& partition : stream.partitions) {
    if (!partition.end_offset) return std::nullopt;
    sum += *partition.end_offset;
  }
  return sum;
}

}  // namespace

void StreamTrack::Observe(const StreamReading& stream, Tick now, const SignalsConfig& config) {
  if (incarnation_ != stream.incarnation) Forget(stream, now);
  NoteAppends(stream, now);
  NoteTrims(stream, now);
  const Tick window = config.window.count();
  history_.Push({.tick = now,
                 .appended = appends_.Observe(stream.appended_total, now),
                 .trimmed = trims_.Observe(stream.trimmed_total, now)},
                window);
  most_trimmed_.Observe(stream.trimmed_total, now, window);
  appended_ = RiseOf(history_, &StreamPoint::appended);
  trimmed_ = RiseOf(history_, &StreamPoint::trimmed);
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

// What was appended while the total was absent is not in it, but it is in the end offsets.
void StreamTrack::NoteAppends(const StreamReading& stream, Tick now) {
  const auto ends = SumOfEnds(stream);
  const bool more = stream.appended_total && stream.appended_total != appended_total_;
  if (more || (ends && ends != ends_)) appended_at_ = now;
  if (stream.appended_total) appended_total_ = stream.appended_total;
  if (ends) ends_ = ends;
}

void StreamTrack::NoteTrims(const StreamReading& stream, Tick now) {
  if (!stream.trimmed_total) return;
  if (trimmed_total_ && *stream.trimmed_total > *trimmed_total_) trimmed_at_ = now;
  trimmed_total_ = stream.trimmed_total;
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
