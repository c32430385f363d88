// The table of the metrics that targets, streams and groups have: one row per metric, with what it
// is called and how its value is got. Adding a metric is adding a row. An absent value is an absent
// series.
#pragma once

#include <cstdint>
#include <span>

#include "metrics/metric.h"
#include "metrics/series_writer.h"
#include "model/board.h"

namespace streamgauge {

// What a row of each kind reads.
struct TargetItem {
  const TargetView& view;
  std::uint64_t series_cut = 0;  // left out because of max_series
};
struct StreamItem {
  const StreamReading& reading;
};
struct GroupItem {
  const GroupReading& reading;
  const GroupSignals& signals;
};

// What a row has series for.
enum class Scope : std::uint8_t {
  kItem,       // the target, stream or group itself
  kPartition,  // each of its partitions
  kConsumer    // each of its consumers
};

template <typename Item>
struct Row {
  Metric metric;
  Scope scope = Scope::kItem;
  void (*write)(const Item& item, SeriesWriter& out);
};

std::span<const Row<TargetItem>> TargetRows();
std::span<const Row<StreamItem>> StreamRows();
std::span<const Row<GroupItem>> GroupRows();

}  // namespace streamgauge
