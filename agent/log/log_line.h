// How one event looks as a line. Pure: no spdlog, no clock.
#pragma once

#include <string>
#include <string_view>

#include "config/config.h"
#include "model/time.h"

namespace streamgauge::log {

// "debug", "info", "warn" or "error".
std::string_view ToString(LogLevel level);

// One line with its end.
//   text: 2026-01-31T23:59:58.123Z WARN  redis target checkout: down: ...
//   json: {"time":"2026-01-31T23:59:58.123Z","level":"warn","message":"redis target ..."}
// Times are UTC. Control characters are escaped in both formats, so that no server's words can
// forge a line; bytes that are not valid UTF-8 are written as the text \xNN.
std::string FormatLine(LogFormat format, WallTime time, LogLevel level, std::string_view message);

}  // namespace streamgauge::log
