// The agent's log, on stderr, one line an event; log.cc is the only file that knows spdlog. Any
// thread may call it.
//
// ERROR: the operator must act. WARN: odd but handled. INFO: start, stop, up and down. Never a
// secret; addresses without credentials. Format strings are fmt's and checked at compile time.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "config/config.h"

namespace streamgauge::log {

// Sets level and format (text or one JSON object a line). Call it before the first thread starts;
// again on reload.
void Init(const LogConfig& config);

// False: a line of this level would not be written, and need not be put together.
bool Enabled(LogLevel level);
// Writes one line, whatever `message` contains. Never throws: what cannot be written is lost.
void Write(LogLevel level, std::string_view message) noexcept;

template <typename... Args>
void WriteFormatted(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (Enabled(level)) Write(level, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void Debug(fmt::format_string<Args...> format, Args&&... args) {
  WriteFormatted(LogLevel::kDebug, format, std::forward<Args>(args)...);
}
template <typename... Args>
void Info(fmt::format_string<Args...> format, Args&&... args) {
  WriteFormatted(LogLevel::kInfo, format, std::forward<Args>(args)...);
}
template <typename... Args>
void Warn(fmt::format_string<Args...> format, Args&&... args) {
  WriteFormatted(LogLevel::kWarn, format, std::forward<Args>(args)...);
}
template <typename... Args>
void Err(fmt::format_string<Args...> format, Args&&... args) {
  WriteFormatted(LogLevel::kError, format, std::forward<Args>(args)...);
}

}  // namespace streamgauge::log
