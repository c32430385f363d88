// Whatever names servers have: the page is one that a strict parser reads, each name stands in it
// as people read it, and no two names look the same.
#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzzer.h"
#include "metrics/exposition.h"
#include "model/utf8.h"
#include "support/metrics_page.h"
#include "support/sample_board.h"

namespace streamgauge {
namespace {

using test::MetricsPage;
using test::Require;

constexpr std::size_t kMostNames = 8;

// A report whose streams, groups and consumers have these names.
Report ReportOf(const std::vector<std::string_view>& names) {
  Report report = test::SampleRedisReport();
  const StreamReading stream = report.reading.streams[0];
  const GroupReading group = report.reading.groups[0];
  const GroupSignals signals = report.groups[0];
  report.reading.streams.clear();
  report.reading.groups.clear();
  report.streams.clear();
  report.groups.clear();
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    report.reading.streams.push_back(stream);
    report.reading.streams.back().name = test::StreamName(names[i]);
    report.streams.emplace_back();
    GroupReading& added = report.reading.groups.emplace_back(group);
    added.stream = i;
    added.name = test::GroupName(names[i]);
    for (ConsumerReading& consumer : added.consumers) {
      consumer.name = test::ConsumerName(names[i]);
    }
    added.consumers.resize(1);
    report.groups.push_back(signals);
  }
  return report;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = Utf8SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string Written(Exposition& exposition, ExpositionFormat format) {
  std::string page;
  exposition.Write(format, [&page](std::string_view chunk) {
    page += chunk;
    return true;
  });
  return page;
}

MetricsPage Parsed(const std::string& page) {
  try {
    return MetricsPage::Parse(page);
  } catch (const std::runtime_error& problem) {
    Require(false, "the page can be parsed", problem.what());
    throw;
  }
}

void CheckPage(const std::string& page, const std::set<std::string>& readable,
               std::string_view target) {
  Require(IsUtf8(page) && page.find('\0') == std::string::npos, "a page is text");
  const MetricsPage parsed = Parsed(page);
  std::set<std::string> found;
  for (const test::MetricSample& sample : parsed.Find("streamgauge_group_lag")) {
    Require(sample.labels.at("stream") == sample.labels.at("group"), "labels are not mixed up");
    Require(sample.labels.at("target") == Readable(target), "a target's label is its name");
    Require(sample.labels.size() == 4, "no label is made up");
    found.insert(sample.labels.at("stream"));
  }
  Require(found == readable, "every name is on the page, and no other");
}

}  // namespace
}  // namespace streamgauge

STREAMGAUGE_FUZZER(metrics_labels) {
  using namespace streamgauge;
  static AgentMetrics agent("1.2.3", "abc");
  test::Pieces pieces(input);
  const std::string target(pieces.Until('|'));
  std::set<std::string_view> names;
  std::set<std::string> readable;
  while (!pieces.empty() && names.size() < kMostNames) names.insert(pieces.Until('|'));
  for (const std::string_view name : names) {
    readable.insert(Readable(name));
    Require(FromReadable(Readable(name)) == name, "what is shown leads back to the name");
    Require(FromReadable(OnOneLine(name)) == name, "also from a terminal");
  }
  Require(readable.size() == names.size(), "two names never look the same");
  if (names.empty()) return;

  Board board;
  board.Publish(test::SampleTarget("redis", target, ReportOf({names.begin(), names.end()})));
  Exposition exposition(board, agent);
  CheckPage(Written(exposition, ExpositionFormat::kPrometheusText), readable, target);
  const std::string open_metrics = Written(exposition, ExpositionFormat::kOpenMetrics);
  CheckPage(open_metrics, readable, target);
  Require(open_metrics.ends_with("# EOF\n"), "OpenMetrics has an end");
}
