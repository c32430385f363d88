// What the analyzer remembers of one stream between polls.
#pragma once

#include <optional>
#include <vector>

#include "config/config.h"
#include "model/reading.h"
#include "signals/history.h"
#include "signals/rates.h"
#include "signals/removal.h"

namespace streamgauge {

class StreamTrack {
 public:
  void Observe(const StreamReading& stream, Tick now, const SignalsConfig& config);

  std::optional<Rise> appended() const { return appended_; }
  std::optional<Rise> trimmed() const { return trimmed_; }
  // At once, from poll to poll.
  double most_trimmed() const { return most_trimmed_.messages(); }
  // Since trimming was seen; absent when none was.
  std::optional<double> seconds_since_trim(Tick now) const {
    return trimmed_at_ ? std::optional(SecondsBetween(*trimmed_at_, now)) : std::nullopt;
  }
  // The append rate of the past half hour or so (pending_window), the newest counting most; absent
  // before three windows were seen.
  std::optional<double> usual_append_rate() const;
  // Since anything was appended, as far as it was watched.
  double quiet_seconds(Tick now) const { return SecondsBetween(appended_at_, now); }
  const std::vector<StartTrack>& starts() const { return starts_; }

  NameRef name;  // keeps its address from being used again while it is the key
  Tick last_seen = 0;

 private:
  void Forget(const StreamReading& stream, Tick now);
  void NoteAppends(const StreamReading& stream, Tick now);
  void NoteTrims(const StreamReading& stream, Tick now);
  void Average(Tick now, const SignalsConfig& config);
  void ObserveStarts(const StreamReading& stream, Tick now, Tick window);

  StreamHistory history_;
  std::optional<Rise> appended_, trimmed_;
  std::optional<std::uint64_t> incarnation_;
  RiseTrack appends_, trims_;
  LargestRise most_trimmed_;
  std::optional<std::uint64_t> appended_total_, trimmed_total_;
  std::optional<std::int64_t> ends_;  // the sum of the partitions' end offsets
  std::optional<Tick> trimmed_at_;
  Tick first_seen_ = 0;
  Tick appended_at_ = 0;
  std::optional<double> average_rate_;
  std::vector<StartTrack> starts_;  // parallel to the reading's partitions
  bool is_old_enough_ = false;      // for usual_append_rate
};

}  // namespace streamgauge
