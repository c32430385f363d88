// When the records of one partition were appended, as far as the agent has watched: its end offset
// at the times of the last polls. Bounded memory. Pure. Used by the source's thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "kafka/offset.h"
#include "model/time.h"

namespace streamgauge::kafka {

class EndWindow {
 public:
  // The partition ended at `end` at time `at`. `every_poll`: so it was seen in the poll before.
  // A fall forgets everything: the log is another one.
  void Observe(SteadyTime at, Offset end, bool every_poll = true);
  void Forget() { points_.clear(); }

  // When the record at `offset` was appended: between two polls that followed each other and were
  // not far apart, in proportion. Absent when that was before the window, is still to come, or fell
  // into a gap: while a broker is away producers wait, so that all comes at the gap's end.
  std::optional<SteadyTime> AppendedAt(Offset offset) const;

 private:
  // The end did not move from `first` to `last`.
  struct Point {
    Offset end;
    SteadyTime first;
    SteadyTime last;
    bool every_poll;  // no poll was missed before `first`
  };
  std::vector<Point> points_;  // ends strictly rising
};

}  // namespace streamgauge::kafka
