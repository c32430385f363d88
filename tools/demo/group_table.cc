#include "group_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <vector>

#include "model/report.h"

namespace streamgauge::demo {
namespace {

using test::Labels;
using test::MetricsPage;

struct Row {
  std::string system;
  std::string stream;
  std::string group;
  std::string state = "-";
  std::optional<double> lag;
  std::optional<double> pending;
  std::optional<double> age;
  std::optional<double> objective;
  std::optional<double> drain;
};

// 0 is the worst; a state that is missing counts as unknown.
std::size_t Rank(const std::string& state) {
  for (std::size_t rank = 0; rank < kGroupStateCount; ++rank) {
    if (ToString(static_cast<GroupState>(rank)) == state) return rank;
  }
  return static_cast<std::size_t>(GroupState::kUnknown);
}

// The age of what waits longest, whether or not it was delivered.
std::optional<double> Age(const MetricsPage& page, const Labels& labels) {
  const auto unread = page.Value("streamgauge_group_lag_seconds", labels);
  const auto pending = page.Value("streamgauge_group_oldest_pending_seconds", labels);
  return std::max(unread, pending);  // an absent one is smaller than any other
}

Row MakeRow(const MetricsPage& page, const Labels& labels) {
  Row row{labels.at("system"), labels.at("stream"), labels.at("group")};
  row.lag = page.Value("streamgauge_group_lag", labels);
  row.pending = page.Value("streamgauge_group_pending", labels);
  row.age = Age(page, labels);
  row.objective = page.Value("streamgauge_group_objective_seconds", labels);
  row.drain = page.Value("streamgauge_group_drain_seconds", labels);
  const auto state = page.Find("streamgauge_group_state", labels);
  if (!state.empty()) row.state = state.front().labels.at("state");
  return row;
}

std::string Count(std::optional<double> value) {
  return value ? fmt::format("{:.0f}", *value) : "-";
}

std::string Seconds(std::optional<double> value) {
  if (!value) return "-";
  if (std::isinf(*value)) return "not shrinking";
  if (*value < 60) return fmt::format("{:.1f} s", *value);
  const auto seconds = static_cast<long>(*value);
  if (seconds < 3600) return fmt::format("{} m {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} m", seconds / 3600, seconds / 60 % 60);
}

}  // namespace

std::string GroupTable(const MetricsPage& page) {
  std::vector<Row> rows;
  // Every group has this series, whatever else is known of it.
  for (const auto& sample : page.Find("streamgauge_group_lag_source")) {
    Labels labels = sample.labels;
    labels.erase("source");
    rows.push_back(MakeRow(page, labels));
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::tuple(Rank(a.state), -a.age.value_or(-1)) <
           std::tuple(Rank(b.state), -b.age.value_or(-1));
  });
  constexpr const char* kLine = "{:<14} {:<6} {:<9} {:<13} {:>6} {:>7} {:>9} {:>9} {:>13}\n";
  std::string table = fmt::format(kLine, "STATE", "SYSTEM", "STREAM", "GROUP", "LAG", "PENDING",
                                  "AGE", "OBJECTIVE", "DRAINED IN");
  for (const Row& row : rows) {
    table += fmt::format(kLine, row.state, row.system, row.stream, row.group, Count(row.lag),
                         Count(row.pending), Seconds(row.age), Seconds(row.objective),
                         Seconds(row.drain));
  }
  return table;
}

}  // namespace streamgauge::demo
