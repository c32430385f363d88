// What one metric is: its row in the tables of board_metrics.cc and own_metrics.h, from which HELP,
// TYPE, the series' name and docs/metrics.md come. Constants only.
#pragma once

#include <cstdint>
#include <string_view>

namespace streamgauge {

enum class MetricType : std::uint8_t { kGauge, kCounter, kHistogram };

constexpr std::string_view ToString(MetricType type) {
  switch (type) {
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kCounter:
      return "counter";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "";
}

struct Metric {
  std::string_view name;  // of the series; a counter's ends in _total
  MetricType type = MetricType::kGauge;
  std::string_view labels;  // their names as documented: "system, target, stream"
  std::string_view help;    // one line without quotes and backslashes: it is printed as it stands
};

// The name that OpenMetrics gives the family: without a counter's _total.
constexpr std::string_view FamilyName(const Metric& metric) {
  constexpr std::string_view kTotal = "_total";
  std::string_view name = metric.name;
  if (metric.type == MetricType::kCounter && name.ends_with(kTotal)) {
    name.remove_suffix(kTotal.size());
  }
  return name;
}

// The base unit that the name ends in: "seconds", "bytes", or "" for counts.
constexpr std::string_view Unit(const Metric& metric) {
  const std::string_view family = FamilyName(metric);
  if (family.ends_with("_seconds")) return "seconds";
  if (family.ends_with("_bytes")) return "bytes";
  return "";
}

}  // namespace streamgauge
