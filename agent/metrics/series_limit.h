// Which of a target's series are shown when there are more than its max_series. Pure: the same
// report and limit always cut the same.
//
// A series that tells what a whole group or stream does is worth more than one of its partitions or
// consumers, and a bad group more than a good one. So the limit is spent, in this order, on: the
// groups, worst first, each with its stream; the streams without groups; the partitions and
// consumers of the groups, worst first; the partitions of the streams. What does not fit is cut,
// and so is everything after it.
#pragma once

#include <cstdint>
#include <vector>

#include "model/board.h"

namespace streamgauge {

enum class Shown : std::uint8_t { kNothing, kItem, kAll };

struct SeriesCut {
  // Empty when nothing is cut; else parallel to the reading's streams and groups.
  std::vector<Shown> streams;
  std::vector<Shown> groups;
  std::uint64_t series = 0;  // left out

  bool ShowsStream(std::size_t index, bool detail) const { return Shows(streams, index, detail); }
  bool ShowsGroup(std::size_t index, bool detail) const { return Shows(groups, index, detail); }

 private:
  static bool Shows(const std::vector<Shown>& shown, std::size_t index, bool detail) {
    return shown.empty() || shown[index] >= (detail ? Shown::kAll : Shown::kItem);
  }
};

SeriesCut CutSeries(const TargetView& view);

}  // namespace streamgauge
