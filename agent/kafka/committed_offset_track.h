// Follows the committed offset of one group on one partition: how much it rose, whether it went
// back, and whether it can be trusted to mean a place in the log that is there now. Pure: `now` is
// passed in. Used by the source's thread.
#pragma once

#include <cstdint>
#include <optional>

#include "kafka/offset.h"
#include "model/rise_counter.h"
#include "model/time.h"

namespace streamgauge::kafka {

class CommittedOffsetTrack {
 public:
  // Takes the offset that is committed now. `end` is the partition's end, read after it, if known.
  void Observe(Offset committed, std::optional<Offset> end, SteadyTime now);
  // The partition begins at `start`: a group that went back cannot pass what is gone.
  void TakeStart(Offset start);
  // There is no committed offset (any more): expired, deleted, or never made.
  void ObserveNone();
  // The topic is another one of the same name: what was committed belongs to a log that is gone,
  // and is not trusted until the next commit.
  void TopicRecreated(SteadyTime now);

  // The offset last observed, trusted or not; absent: there is none.
  std::optional<Offset> committed() const { return committed_; }
  // The offset, when it means a place in the present log.
  std::optional<Offset> trusted() const;
  // It went back and has not passed its old place, or it points beyond the end; the latter is
  // forgotten after one window, as then nobody is going to commit.
  bool Rewound(SteadyTime now) const;
  // The furthest place ever committed in the present log, wherever it is now; beyond its end there
  // is none.
  Offset furthest() const { return furthest_; }
  // When the offset was last seen to change, or first seen.
  SteadyTime moved_at() const { return moved_at_; }
  // Sum of its rises within the log; absent while it is not known whether it is in there.
  std::optional<std::uint64_t> delivered() const {
    return rise_waits_ ? std::nullopt : std::optional(delivered_.total());
  }

 private:
  void Distrust(SteadyTime now);
  void ForgetPlace();

  std::optional<Offset> committed_;
  std::optional<Offset> old_place_;  // where it was before it went back
  Offset furthest_ = 0;
  bool distrusted_ = false;
  SteadyTime distrusted_since_{};
  SteadyTime moved_at_{};
  RiseCounter delivered_;
  bool rise_waits_ = false;  // it changed, and since then the end was not known
};

}  // namespace streamgauge::kafka
