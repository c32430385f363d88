// Durations as the configuration writes them: a whole number and a unit (500ms, 10s, 5m, 1h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/time.h"

namespace streamgauge {

// Empty when `text` is no duration, or one too long to be held.
std::optional<Duration> ParseDuration(std::string_view text);

// The shortest exact form: 500ms, 10s, 5m, 1h.
std::string FormatDuration(Duration duration);

}  // namespace streamgauge
