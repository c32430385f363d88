#include "metrics/series_limit.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "metrics/board_metrics.h"
#include "model/severity.h"

namespace streamgauge {
namespace {

bool IsShown(Scope scope, const TargetView& view) {
  return scope != Scope::kPartition || view.partition_detail;
}

template <typename Item>
std::uint64_t CountRows(std::span<const Row<Item>> rows, Scope scope) {
  return static_cast<std::uint64_t>(std::ranges::count(rows, scope, &Row<Item>::scope));
}

// At least as many series as the report has, at the cost of a few additions per group.
std::uint64_t UpperBound(const TargetView& view) {
  // One row, that of the consumers by state, has four series for a group.
  const std::uint64_t per_group = CountRows(GroupRows(), Scope::kItem) + 3;
  const std::uint64_t per_stream = CountRows(StreamRows(), Scope::kItem);
  const std::uint64_t per_group_partition = CountRows(GroupRows(), Scope::kPartition);
  const std::uint64_t per_partition = CountRows(StreamRows(), Scope::kPartition);
  const std::uint64_t per_consumer = CountRows(GroupRows(), Scope::kConsumer);

  const Reading& reading = view.report->reading;
  std::uint64_t bound = reading.groups.size() * per_group;
  for (const StreamReading& stream : reading.streams) {
    if (stream.exported) bound += per_stream + stream.partitions.size() * per_partition;
  }
  for (const GroupReading& group : reading.groups) {
    bound += group.partitions.size() * per_group_partition + group.consumers.size() * per_consumer;
  }
  return bound;
}

// Counts series by writing them to nowhere: there is no second opinion on what a row writes.
template <typename Item>
class SeriesCounter {
 public:
  explicit SeriesCounter(std::span<const Row<Item>> rows) : rows_(rows) {
    for (const Row<Item>& row : rows_) writers_.emplace_back(page_, row.metric);
  }

  // The series that are of the item itself, or (`detail`) of its partitions and consumers.
  std::uint64_t Count(const Item& item, bool detail, const TargetView& view) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if ((rows_[i].scope != Scope::kItem) != detail || !IsShown(rows_[i].scope, view)) continue;
      const std::uint64_t before = writers_[i].count();
      rows_[i].write(item, writers_[i]);
      count += writers_[i].count() - before;
    }
    return count;
  }

 private:
  std::span<const Row<Item>> rows_;
  Exposition::Sink nowhere_ = [](std::string_view) { return false; };
  PageWriter page_{ExpositionFormat::kPrometheusText, nowhere_};
  std::vector<SeriesWriter> writers_;
};

// The indices of the report's groups, worst first; equal ones stay in the reading's order.
std::vector<std::size_t> WorstFirst(const Report& report) {
  std::vector<Severity> severities;
  severities.reserve(report.reading.groups.size());
  for (std::size_t i = 0; i < report.reading.groups.size(); ++i) {
    severities.push_back(SeverityOf(report.reading.groups[i], SignalsOf(report, i)));
  }
  std::vector<std::size_t> order(severities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return IsWorse(severities[a], severities[b]); });
  return order;
}

// Spends the limit.
class Cutter {
 public:
  explicit Cutter(const TargetView& view)
      : view_(view), reading_(view.report->reading), left_(view.max_series) {
    cut_.streams.resize(reading_.streams.size(), Shown::kNothing);
    cut_.groups.resize(reading_.groups.size(), Shown::kNothing);
    visited_.resize(reading_.streams.size());
  }

  SeriesCut Cut() && {
    const std::vector<std::size_t> order = WorstFirst(*view_.report);
    for (const std::size_t group : order) ShowGroup(group);
    for (std::size_t stream = 0; stream < reading_.streams.size(); ++stream) ShowStream(stream);
    for (const std::size_t group : order) {
      ShowDetail(groups_.Count(GroupAt(group), true, view_), cut_.groups[group]);
    }
    for (std::size_t stream = 0; stream < reading_.streams.size(); ++stream) {
      if (!reading_.streams[stream].exported) continue;
      ShowDetail(streams_.Count(StreamAt(stream), true, view_), cut_.streams[stream]);
    }
    return cut_.series == 0 ? SeriesCut{} : std::move(cut_);
  }

 private:
  GroupItem GroupAt(std::size_t index) const {
    return {reading_.groups[index], SignalsOf(*view_.report, index)};
  }
  StreamItem StreamAt(std::size_t index) const { return {reading_.streams[index]}; }

  void ShowGroup(std::size_t index) {
    ShowStream(reading_.groups[index].stream);
    if (Spend(groups_.Count(GroupAt(index), false, view_))) cut_.groups[index] = Shown::kItem;
  }
  void ShowStream(std::size_t index) {
    if (visited_[index]) return;
    visited_[index] = true;
    if (!reading_.streams[index].exported) return;
    if (Spend(streams_.Count(StreamAt(index), false, view_))) cut_.streams[index] = Shown::kItem;
  }
  void ShowDetail(std::uint64_t series, Shown& shown) {
    if (shown == Shown::kNothing) {
      cut_.series += series;
    } else if (Spend(series)) {
      shown = Shown::kAll;
    }
  }

  bool Spend(std::uint64_t series) {
    full_ = full_ || series > left_;
    if (full_) {
      cut_.series += series;
      return false;
    }
    left_ -= series;
    return true;
  }

  const TargetView& view_;
  const Reading& reading_;
  std::uint64_t left_;
  bool full_ = false;
  SeriesCut cut_;
  std::vector<bool> visited_;  // streams that had their turn
  SeriesCounter<GroupItem> groups_{GroupRows()};
  SeriesCounter<StreamItem> streams_{StreamRows()};
};

}  // namespace

SeriesCut CutSeries(const TargetView& view) {
  if (!view.report || UpperBound(view) <= view.max_series) return {};
  return Cutter(view).Cut();
}

}  // namespace streamgauge
