// The agent's log, on stderr: the only file that knows spdlog. Any thread may call it.
//
// ERROR: the operator must act. WARN: odd but handled. INFO: start, stop, up and down. Never a
// secret; addresses without credentials. Format strings are fmt's and checked at compile time.
#pragma once

#include <spdlog/spdlog.h>

#include <utility>

#include "config/config.h"

namespace streamgauge::log {

// Sets level and format (text or one JSON object a line). Call it before the first thread starts;
// again on reload.
void Init(const LogConfig& config);

template <typename... Args>
void Debug(fmt::format_string<Args...> format, Args&&... args) {
  spdlog::debug(format, std::forward<Args>(args)...);
}
template <typename... Args>
void Info(fmt::format_string<Args...> format, Args&&... args) {
  spdlog::info(format, std::forward<Args>(args)...);
}
template <typename... Args>
void Warn(fmt::format_string<Args...> format, Args&&... args) {
  spdlog::warn(format, std::forward<Args>(args)...);
}
template <typename... Args>
void Err(fmt::format_string<Args...> format, Args&&... args) {
  spdlog::error(format, std::forward<Args>(args)...);
}

}  // namespace streamgauge::log
