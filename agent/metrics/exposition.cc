#include "metrics/exposition.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "metrics/agent_metrics_impl.h"
#include "metrics/board_metrics.h"
#include "metrics/gzip.h"
#include "metrics/own_metrics.h"
#include "metrics/series_limit.h"
#include "metrics/series_writer.h"
#include "model/severity.h"

namespace streamgauge {
namespace {

// The label fragments of many items, one after the other in memory: they are read once per metric,
// and following the pointers from each reading to its names every time would cost more than the
// copying.
class Fragments {
 public:
  void Add(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) text_.append(",").append(name);
    ends_.push_back(text_.size());
  }
  std::string_view operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(text_).substr(begin, ends_[index] - begin);
  }

 private:
  std::string text_;
  std::vector<std::size_t> ends_;
};

std::string TargetFragment(const TargetView& view) {
  std::string fragment = "system=\"";
  AppendEscapedLabelValue(view.system, fragment);
  fragment += "\",target=\"";
  AppendEscapedLabelValue(view.name, fragment);
  fragment += '"';
  return fragment;
}

// A target made ready for being written, metric by metric.
struct TargetPage {
  explicit TargetPage(const TargetView& target)
      : view(target), fragment(TargetFragment(target)), cut(CutSeries(target)) {
    if (!view.report) return;
    const Reading& reading = view.report->reading;
    for (const StreamReading& stream : reading.streams) streams.Add({stream.name->fragment()});
    for (const GroupReading& group : reading.groups) {
      groups.Add({reading.streams[group.stream].name->fragment(), group.name->fragment()});
    }
  }

  const TargetView& view;
  std::string fragment;
  SeriesCut cut;
  Fragments streams;
  Fragments groups;
};

bool IsWritten(Scope scope, const TargetPage& target) {
  return target.view.report && (scope != Scope::kPartition || target.view.partition_detail);
}

void WriteRow(const Row<TargetItem>& row, const TargetPage& target, PageWriter&,
              SeriesWriter& out) {
  row.write({target.view, target.cut.series}, out);
}

void WriteRow(const Row<StreamItem>& row, const TargetPage& target, PageWriter& page,
              SeriesWriter& out) {
  if (!IsWritten(row.scope, target)) return;
  const std::vector<StreamReading>& streams = target.view.report->reading.streams;
  for (std::size_t i = 0; i < streams.size() && !page.stopped(); ++i) {
    if (!streams[i].exported || !target.cut.ShowsStream(i, row.scope != Scope::kItem)) continue;
    out.Item(target.streams[i]);
    row.write({streams[i]}, out);
  }
}

void WriteRow(const Row<GroupItem>& row, const TargetPage& target, PageWriter& page,
              SeriesWriter& out) {
  if (!IsWritten(row.scope, target)) return;
  const std::vector<GroupReading>& groups = target.view.report->reading.groups;
  for (std::size_t i = 0; i < groups.size() && !page.stopped(); ++i) {
    if (!target.cut.ShowsGroup(i, row.scope != Scope::kItem)) continue;
    out.Item(target.groups[i]);
    row.write({groups[i], SignalsOf(*target.view.report, i)}, out);
  }
}

template <typename Item>
void WriteRows(std::span<const Row<Item>> rows, const std::vector<TargetPage>& targets,
               PageWriter& page) {
  for (const Row<Item>& row : rows) {
    SeriesWriter out(page, row.metric);
    for (const TargetPage& target : targets) {
      out.Target(target.fragment);
      WriteRow(row, target, page, out);
    }
  }
}

// What the board shows.
void WriteTargets(const BoardView& board, PageWriter& page) {
  std::vector<TargetPage> targets;
  targets.reserve(board.targets.size());
  for (const TargetViewRef& target : board.targets) targets.emplace_back(*target);
  WriteRows(TargetRows(), targets, page);
  WriteRows(StreamRows(), targets, page);
  WriteRows(GroupRows(), targets, page);
}

std::string Fragment(const std::vector<prometheus::ClientMetric::Label>& labels) {
  std::string fragment;
  for (const prometheus::ClientMetric::Label& label : labels) {
    if (!fragment.empty()) fragment += ',';
    fragment.append(label.name).append("=\"");
    AppendEscapedLabelValue(label.value, fragment);
    fragment += '"';
  }
  return fragment;
}

// The bound of a bucket: "0.5", "1.0", "+Inf". OpenMetrics wants whole numbers with ".0", and in
// the text format a series should have the same labels.
std::string BucketBound(double bound) {
  std::array<char, kNumberSize> text;
  std::string label(text.data(), FormatNumber(bound, text.data()));
  if (label.find_first_of(".eI") == std::string::npos) label += ".0";
  return label;
}

void WriteHistogram(const prometheus::ClientMetric& sample, const std::string& fragment,
                    SeriesWriter& out) {
  for (const prometheus::ClientMetric::Bucket& bucket : sample.histogram.bucket) {
    const std::string bound = "le=\"" + BucketBound(bucket.upper_bound) + '"';
    out.Target(fragment.empty() ? bound : fragment + ',' + bound, "_bucket");
    out.Add(bucket.cumulative_count);
  }
  out.Target(fragment, "_count");
  out.Add(sample.histogram.sample_count);
  out.Target(fragment, "_sum");
  out.Add(sample.histogram.sample_sum);
}

void WriteFamily(const Metric& metric, prometheus::MetricFamily family, PageWriter& page) {
  // The registry's order is that of hash values.
  std::ranges::sort(family.metric, {},
                    [](const prometheus::ClientMetric& sample) { return Fragment(sample.label); });
  SeriesWriter out(page, metric);
  for (const prometheus::ClientMetric& sample : family.metric) {
    const std::string fragment = Fragment(sample.label);
    out.Target(fragment);
    switch (metric.type) {
      case MetricType::kGauge:
        out.Add(sample.gauge.value);
        break;
      case MetricType::kCounter:
        out.Add(sample.counter.value);
        break;
      case MetricType::kHistogram:
        WriteHistogram(sample, fragment, out);
        break;
    }
  }
}

// The agent's own metrics, and the end of the page.
void WriteOwn(ExpositionFormat format, const AgentMetrics& agent, PageWriter& page) {
  std::vector<prometheus::MetricFamily> families = agent.impl().Collect();
  for (const Metric* metric : own::kMetrics) {
    const auto family = std::ranges::find(families, metric->name, &prometheus::MetricFamily::name);
    if (family != families.end()) WriteFamily(*metric, std::move(*family), page);
  }
  if (format == ExpositionFormat::kOpenMetrics) page.Append("# EOF\n");
}

std::string GzipOf(ExpositionFormat format, const auto& write) {
  GzipMember member;
  const Exposition::Sink sink = [&member](std::string_view chunk) {
    member.Add(chunk);
    return true;
  };
  PageWriter page(format, sink);
  write(page);
  page.Flush();
  return std::move(member).Finish();
}

}  // namespace

std::string_view ContentType(ExpositionFormat format) {
  return format == ExpositionFormat::kOpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

struct Exposition::Impl {
  // The compressed page of the last board version that was asked for. Whoever comes while it is
  // being made waits for it.
  struct Cached {
    std::mutex mutex;
    std::optional<std::uint64_t> version;
    std::shared_ptr<const std::string> page;
  };

  const Board& board;
  AgentMetrics& agent;
  std::array<Cached, 2> cached;  // by format

  std::shared_ptr<const std::string> GzipTargets(ExpositionFormat format) {
    Cached& known = cached[static_cast<std::size_t>(format)];
    const std::lock_guard lock(known.mutex);
    const BoardView view = board.View();
    if (known.version != view.version) {
      known.page.reset();  // first, so that there are never two
      known.page = std::make_shared<const std::string>(
          GzipOf(format, [&](PageWriter& page) { WriteTargets(view, page); }));
      known.version = view.version;
    }
    return known.page;
  }
};

Exposition::Exposition(const Board& board, AgentMetrics& agent_metrics)
    : impl_(std::make_unique<Impl>(board, agent_metrics)) {}

Exposition::~Exposition() = default;

bool Exposition::Write(ExpositionFormat format, const Sink& sink) {
  const auto began = std::chrono::steady_clock::now();
  PageWriter page(format, sink);
  WriteTargets(impl_->board.View(), page);
  WriteOwn(format, impl_->agent, page);
  page.Flush();
  impl_->agent.ScrapeEnded(std::chrono::steady_clock::now() - began);
  return !page.stopped();
}

GzipPage Exposition::Gzip(ExpositionFormat format) {
  const auto began = std::chrono::steady_clock::now();
  GzipPage page{impl_->GzipTargets(format), {}};
  page.agent = GzipOf(format, [&](PageWriter& out) { WriteOwn(format, impl_->agent, out); });
  impl_->agent.ScrapeEnded(std::chrono::steady_clock::now() - began);
  return page;
}

}  // namespace streamgauge
