// How long a name of a stream, group or consumer may be that is watched. Redis allows half a
// gigabyte, each name is a label of some forty series, and whoever may write to a stream chooses
// some.
#pragma once

#include <cstddef>

namespace streamgauge {

inline constexpr std::size_t kLongestName = std::size_t{16} << 10;

}  // namespace streamgauge
