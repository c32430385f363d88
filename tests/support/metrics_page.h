// A scrape as values: what tests and benchmarks ask of a page in the Prometheus text format.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamgauge::test {

using Labels = std::map<std::string, std::string>;

struct MetricSample {
  std::string name;
  Labels labels;
  double value = 0;
};

class MetricsPage {
 public:
  // Throws std::runtime_error with the line that is not in the format. Comments are passed over.
  static MetricsPage Parse(std::string_view text);

  // The samples of that name that have all of `labels`, and maybe more.
  std::vector<MetricSample> Find(const std::string& name, const Labels& labels = {}) const;
  // The one sample of that name and labels; empty when there is none. Throws when there are more.
  std::optional<double> Value(const std::string& name, const Labels& labels = {}) const;
  // The sum over Find; 0 when there is none.
  double Sum(const std::string& name, const Labels& labels = {}) const;
  // All samples of counters, by the end of their name.
  std::vector<MetricSample> Counters() const;
  std::size_t size() const { return size_; }

 private:
  std::map<std::string, std::vector<MetricSample>> by_name_;
  std::size_t size_ = 0;
};

}  // namespace streamgauge::test
