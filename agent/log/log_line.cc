#include "log/log_line.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <chrono>

#include "model/utf8.h"

namespace streamgauge::log {
namespace {

// 2026-01-31T23:59:58.123Z
std::string FormatTime(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), millis.count());
}

// The escape of a byte below 0x20 or of DEL: \n, \r and \t, else as JSON wants it.
void AppendControl(unsigned char byte, std::string& out) {
  switch (byte) {
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
  }
}

void AppendEscaped(std::string_view text, bool json, std::string& out) {
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text[0]);
    const std::size_t length = Utf8SequenceLength(text);
    if (length == 0) {
      // In JSON the backslash itself is escaped: the reader gets the text \xNN.
      fmt::format_to(std::back_inserter(out), "{}x{:02x}", json ? "\\\\" : "\\", byte);
      text.remove_prefix(1);
      continue;
    }
    if (byte < 0x20 || byte == 0x7F) {
      AppendControl(byte, out);
    } else if (json && (byte == '"' || byte == '\\')) {
      out += '\\';
      out += text[0];
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
}

}  // namespace

std::string_view ToString(LogLevel level) {
  constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warn", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

std::string FormatLine(LogFormat format, WallTime time, LogLevel level, std::string_view message) {
  constexpr std::array<std::string_view, 4> kPadded = {"DEBUG", "INFO ", "WARN ", "ERROR"};
  const bool json = format == LogFormat::kJson;
  std::string line =
      json ? fmt::format(R"({{"time":"{}","level":"{}","message":")", FormatTime(time),
                         ToString(level))
           : fmt::format("{} {} ", FormatTime(time), kPadded[static_cast<std::size_t>(level)]);
  AppendEscaped(message, json, line);
  line += json ? "\"}\n" : "\n";
  return line;
}

}  // namespace streamgauge::log
