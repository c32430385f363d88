// Lines about one partition of a group, for `streamgauge explain`. Used by the source's thread.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <utility>

#include "model/trace.h"

namespace streamgauge::kafka {

// `trace` may be null.
template <typename... Args>
void TellPartition(Trace* trace, std::size_t partition, fmt::format_string<Args...> text,
                   Args&&... args) {
  if (trace == nullptr) return;
  TellFigure(trace, fmt::format("partition {}", partition), text, std::forward<Args>(args)...);
}

}  // namespace streamgauge::kafka
