// docs/metrics.md against the tables in the code: its tables are made from them, the prose around
// stays. And the names that dashboards, alerts and users' queries build on: none may go.

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "build_paths.h"
#include "metrics/board_metrics.h"
#include "metrics/golden_file.h"
#include "metrics/own_metrics.h"

namespace streamgauge {
namespace {

std::vector<const Metric*> AllMetrics() {
  std::vector<const Metric*> metrics;
  for (const auto& row : TargetRows()) metrics.push_back(&row.metric);
  for (const auto& row : StreamRows()) metrics.push_back(&row.metric);
  for (const auto& row : GroupRows()) metrics.push_back(&row.metric);
  metrics.insert(metrics.end(), own::kMetrics.begin(), own::kMetrics.end());
  return metrics;
}

// In which table of the document a metric is. The first that matches.
struct Table {
  std::string_view name;
  std::function<bool(std::string_view labels)> takes;
};
const std::vector<Table>& Tables() {
  const auto has = [](std::string_view label) {
    return
        [label](std::string_view labels) { return labels.find(label) != std::string_view::npos; };
  };
  static const std::vector<Table> tables = {{"consumer", has("consumer")},
                                            {"group", has("group")},
                                            {"stream", has("stream")},
                                            {"target", has("target")},
                                            {"agent", has("")}};
  return tables;
}

std::string TableRow(const Metric& metric) {
  std::string row = "| `" + std::string(metric.name) + "` | " + std::string(ToString(metric.type));
  return row + " | " + std::string(metric.labels) + " | " + std::string(metric.help) + " |\n";
}

std::string TableText(std::string_view name) {
  std::string text = "| metric | type | labels | meaning |\n|---|---|---|---|\n";
  for (const Metric* metric : AllMetrics()) {
    for (const Table& table : Tables()) {
      if (!table.takes(metric->labels)) continue;
      if (table.name == name) text += TableRow(*metric);
      break;
    }
  }
  return text;
}

// The document with its tables made anew: what is between `<!-- metrics: NAME -->` and `<!-- end
// -->`.
std::string WithTables(std::string document) {
  for (const Table& table : Tables()) {
    const std::string begin = "<!-- metrics: " + std::string(table.name) + " -->\n";
    const std::size_t at = document.find(begin);
    const std::size_t end = document.find("<!-- end -->", at);
    if (at == std::string::npos || end == std::string::npos) {
      ADD_FAILURE() << "docs/metrics.md has no place for a table: " << begin;
      continue;
    }
    const std::size_t from = at + begin.size();
    document.replace(from, end - from, TableText(table.name));
  }
  return document;
}

TEST(MetricsDocumentTest, ItsTablesAreThoseOfTheCode) {
  const std::string path = "docs/metrics.md";
  test::ExpectGolden(path, WithTables(test::ReadFile(build_paths::Source() / path)));
}

TEST(MetricsContractTest, NoPromisedMetricIsMissing) {
  const std::vector<std::string_view> promised = {
      "streamgauge_stream_length",
      "streamgauge_stream_appended_total",
      "streamgauge_stream_removed_total",
      "streamgauge_stream_partitions",
      "streamgauge_stream_groups",
      "streamgauge_stream_span_seconds",
      "streamgauge_stream_bytes",
      "streamgauge_partition_start_offset",
      "streamgauge_partition_end_offset",
      "streamgauge_partition_stable_offset",
      "streamgauge_partition_leader",
      "streamgauge_partition_replicas",
      "streamgauge_partition_in_sync_replicas",
      "streamgauge_group_lag",
      "streamgauge_group_lag_source",
      "streamgauge_group_pending",
      "streamgauge_group_backlog",
      "streamgauge_group_lag_seconds",
      "streamgauge_group_oldest_pending_seconds",
      "streamgauge_group_oldest_pending_idle_seconds",
      "streamgauge_group_max_deliveries",
      "streamgauge_group_pending_trimmed",
      "streamgauge_group_delivered_total",
      "streamgauge_group_acknowledged_total",
      "streamgauge_group_last_commit_timestamp_seconds",
      "streamgauge_group_commits_total",
      "streamgauge_group_rebalances_total",
      "streamgauge_group_drain_seconds",
      "streamgauge_group_headroom_messages",
      "streamgauge_group_headroom_seconds",
      "streamgauge_group_lost_total",
      "streamgauge_group_consumers",
      "streamgauge_group_state",
      "streamgauge_group_members_state",
      "streamgauge_group_completeness",
      "streamgauge_group_objective_seconds",
      "streamgauge_group_partition_committed_offset",
      "streamgauge_group_partition_lag",
      "streamgauge_group_partition_lag_seconds",
      "streamgauge_consumer_pending",
      "streamgauge_consumer_idle_seconds",
      "streamgauge_consumer_inactive_seconds",
      "streamgauge_target_up",
      "streamgauge_target_info",
      "streamgauge_target_nodes",
      "streamgauge_poll_duration_seconds",
      "streamgauge_poll_last_success_timestamp_seconds",
      "streamgauge_poll_interval_seconds",
      "streamgauge_polls_total",
      "streamgauge_poll_errors_total",
      "streamgauge_requests_total",
      "streamgauge_received_bytes_total",
      "streamgauge_clock_clamps_total",
      "streamgauge_lag_verifications_total",
      "streamgauge_feed_mismatches_total",
      "streamgauge_items_skipped",
      "streamgauge_build_info",
      "streamgauge_config_last_reload_successful",
      "streamgauge_config_last_reload_success_timestamp_seconds",
      "process_cpu_seconds_total",
      "process_resident_memory_bytes",
      "process_virtual_memory_bytes",
      "process_start_time_seconds",
      "process_open_fds",
      "process_max_fds",
      "process_threads",
  };
  std::set<std::string_view> known;
  for (const Metric* metric : AllMetrics()) known.insert(metric->name);
  for (const std::string_view name : promised) EXPECT_TRUE(known.contains(name)) << name;
}

}  // namespace
}  // namespace streamgauge
