// A place in a partition's log. An absent offset is not known; it is never -1 outside the files
// that read replies.
#pragma once

#include <cstdint>

namespace streamgauge::kafka {

using Offset = std::int64_t;

}  // namespace streamgauge::kafka
