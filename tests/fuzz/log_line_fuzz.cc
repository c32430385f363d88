// Whatever a server says and we log: one line, which tells no other event, and in JSON a document.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/fuzzer.h"
#include "log/log_line.h"

STREAMGAUGE_FUZZER(log_line) {
  using namespace streamgauge;
  using test::Require;
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    const std::string line =
        log::FormatLine(format, FromUnixMillis(1'700'000'000'123), LogLevel::kWarn, input);
    Require(line.ends_with('\n') && std::ranges::count(line, '\n') == 1, "an event is one line");
    Require(std::ranges::none_of(line.substr(0, line.size() - 1),
                                 [](unsigned char c) { return c < 0x20 || c == 0x7F; }),
            "a line has no control characters", line);
    if (format != LogFormat::kJson) continue;
    const auto json = nlohmann::json::parse(line, nullptr, false);
    Require(json.is_object() && json.size() == 3 && json.at("message").is_string(),
            "an event is an object", line);
  }
}
