#include "log/log.h"

#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <string>

#include "log/log_line.h"

namespace streamgauge::log {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

LogLevel FromSpdlog(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return LogLevel::kDebug;
    case spdlog::level::info:
      return LogLevel::kInfo;
    case spdlog::level::warn:
      return LogLevel::kWarn;
    default:
      return LogLevel::kError;
  }
}

class LineFormatter : public spdlog::formatter {
 public:
  explicit LineFormatter(LogFormat format) : format_(format) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const std::string line =
        FormatLine(format_, std::chrono::time_point_cast<std::chrono::microseconds>(message.time),
                   FromSpdlog(message.level), {message.payload.data(), message.payload.size()});
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<formatter> clone() const override {
    return std::make_unique<LineFormatter>(format_);
  }

 private:
  LogFormat format_;
};

spdlog::logger* MakeLogger() {
  auto* made = new spdlog::logger("streamgauge", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  made->set_formatter(std::make_unique<LineFormatter>(LogFormat::kText));
  return made;
}

// Made once and never destroyed: threads may log until the process ends. A reload changes its level
// (atomic) and its formatter (under the sink's mutex) and never replaces it, so that a line that is
// being written meanwhile is safe.
spdlog::logger& Logger() {
  static spdlog::logger& logger = *MakeLogger();
  return logger;
}

}  // namespace

void Init(const LogConfig& config) {
  Logger().set_formatter(std::make_unique<LineFormatter>(config.format));
  Logger().set_level(ToSpdlog(config.level));
}

bool Enabled(LogLevel level) { return Logger().should_log(ToSpdlog(level)); }

void Write(LogLevel level, std::string_view message) noexcept {
  try {
    Logger().log(ToSpdlog(level), spdlog::string_view_t(message.data(), message.size()));
  } catch (...) {  // NOLINT(bugprone-empty-catch)
    // Nobody is left who could be told.
  }
}

}  // namespace streamgauge::log
