// The sections about the agent itself: http, log, signals, shard.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

#include "config/host_port.h"
#include "config/sections.h"

namespace streamgauge {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

void ReadListen(Section& section, HttpConfig& config) {
  const auto value = section.Text("listen");
  if (!value) return;
  const auto address = ParseHostPort(value->text);
  if (!address || !address->port) {
    section.Fail(*value, fmt::format("{} is not host:port (try 0.0.0.0:9760, [::]:9760 or "
                                     "127.0.0.1:0)",
                                     value->quoted()));
    return;
  }
  config.host = address->host.empty() ? "0.0.0.0" : address->host;
  config.port = *address->port;
}

}  // namespace

void ReadHttp(Section section, HttpConfig& config) {
  ReadListen(section, config);
  section.Read("enable_reload", config.enable_reload);
  section.ReadPath("web_config_file", config.web_config_file);
  section.Finish();
}

void ReadLog(Section section, LogConfig& config) {
  static constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {
      {{"debug", LogLevel::kDebug},
       {"info", LogLevel::kInfo},
       {"warn", LogLevel::kWarn},
       {"error", LogLevel::kError}}};
  static constexpr std::array<std::pair<std::string_view, LogFormat>, 2> kFormats = {
      {{"text", LogFormat::kText}, {"json", LogFormat::kJson}}};
  section.Read("level", config.level, Choices<LogLevel>(kLevels));
  section.Read("format", config.format, Choices<LogFormat>(kFormats));
  section.Finish();
}

void ReadSignals(Section section, SignalsConfig& config) {
  section.Read("window", config.window, seconds(10), hours(6));
  section.Read("pending_window", config.pending_window, seconds(10), hours(24));
  section.Read("dead_after", config.dead_after, seconds(10), hours(24 * 7));
  section.Read("loss_horizon", config.loss_horizon, seconds(10), hours(24 * 7));
  if (config.pending_window < config.window) {
    section.Fail("pending_window", "must not be shorter than window");
  }
  section.Finish();
}

void ReadShard(Section section, Shard& shard) {
  constexpr std::uint32_t kMostShards = 1000;
  section.Read("total", shard.total, 1, kMostShards);
  const auto index = section.Text("index");
  section.Finish();
  if (!index) {
    // Several agents that all forgot it would do the same part and leave the others out.
    if (shard.total > 1) section.Require("index", "which of the shards this agent is, from 0");
    return;
  }
  const auto number = ParseShardIndex(index->text);
  if (!number) {
    section.Fail(*index, fmt::format("{} is neither a whole number nor a name that ends in one "
                                     "after a hyphen (streamgauge-2)",
                                     index->quoted()));
  } else if (*number >= shard.total) {
    section.Fail(*index, fmt::format("must be below total ({})", shard.total));
  } else {
    shard.index = *number;
  }
}

void ReadFilter(Section section, NameFilter& filter) {
  const auto read = [&section](std::string_view key, std::vector<std::string>& patterns) {
    if (!section.Given(key)) return;
    patterns.clear();
    for (const TextValue& value : section.Texts(key)) {
      if (value.text.empty()) section.Fail(value, "is empty: no name is");
      patterns.push_back(value.text);
    }
  };
  read("include", filter.include);
  read("exclude", filter.exclude);
  if (section.IsEmptyList("include")) {
    section.Fail("include", "is an empty list: nothing would be watched (try [\"*\"])");
  }
  section.Finish();
}

}  // namespace streamgauge
