#include "model/report.h"

#include <array>

namespace streamgauge {

std::string_view ToString(GroupState state) {
  constexpr std::array<std::string_view, kGroupStateCount> kNames = {
      "losing_data", "rewound",        "no_consumers", "unknown",
      "stalled",     "falling_behind", "catching_up",  "ok"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace streamgauge
