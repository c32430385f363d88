// A verdict in words, for JSON, page and log. Built only when it is shown: a report holds evidence
// as figures, and most groups' reasons are never read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/report.h"

namespace streamgauge {

// 1,204
std::string CountWords(std::uint64_t count);

// 1 stream, 1,204 streams
std::string Quantity(std::uint64_t count, std::string_view one, std::string_view many);

// 0.4s, 45s, 6m, 1h30m, 3d2h. Seconds beside minutes would change a sentence at every poll.
// REQUIRES: 0 <= seconds < 1e15.
std::string DurationWords(double seconds);

// E.g. "stalled: 1,204 unread, position 1700000000000-0 unmoved for 6m; consumer worker-3 holds 17
// pending, idle 6m". One line; names of consumers are escaped. `index` is that of the group in
// report.groups. Any thread may call it.
std::string ReasonInWords(const Report& report, std::size_t index);

}  // namespace streamgauge
