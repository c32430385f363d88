#include "model/reading.h"

#include <algorithm>
#include <array>

namespace streamgauge {

std::string_view ToString(LagSource source) {
  constexpr std::array<std::string_view, 4> kNames = {"unknown", "exact", "calibrated", "counted"};
  return kNames[static_cast<std::size_t>(source)];
}

std::string_view ToString(MembersState state) {
  constexpr std::array<std::string_view, 8> kNames = {"unknown",
                                                      "stable",
                                                      "preparing_rebalance",
                                                      "completing_rebalance",
                                                      "assigning",
                                                      "reconciling",
                                                      "empty",
                                                      "dead"};
  return kNames[static_cast<std::size_t>(state)];
}

std::size_t ExportedStreams(const Reading& reading) {
  return static_cast<std::size_t>(
      std::ranges::count(reading.streams, true, &StreamReading::exported));
}

}  // namespace streamgauge
