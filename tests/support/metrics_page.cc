#include "support/metrics_page.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <stdexcept>
#include <utility>

namespace streamgauge::test {
namespace {

// Reads one line from its start; every step throws the whole line when it does not fit.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : line_(line), rest_(line) {}

  MetricSample Read() {
    MetricSample sample;
    sample.name = Until("{ ");
    if (Take('{')) {
      while (!Take('}')) ReadLabel(sample.labels);
    }
    if (!Take(' ')) Fail();
    sample.value = ReadValue(rest_.substr(0, rest_.find(' ')));
    return sample;
  }

 private:
  [[noreturn]] void Fail() const {
    throw std::runtime_error("no metrics line: " + std::string(line_));
  }

  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string Until(std::string_view ends) {
    const std::size_t length = rest_.find_first_of(ends);
    if (length == std::string_view::npos || length == 0) Fail();
    std::string text(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return text;
  }

  void ReadLabel(Labels& labels) {
    const std::string name = Until("=");
    if (!Take('=') || !Take('"')) Fail();
    std::string value;
    while (!Take('"')) {
      if (Take('\\')) {
        value += Take('n') ? '\n' : Any();
      } else {
        value += Any();
      }
    }
    if (!labels.emplace(name, value).second) Fail();
    Take(',');
  }

  char Any() {
    if (rest_.empty()) Fail();
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  double ReadValue(std::string_view text) const {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (text == "+Inf") return kInfinity;
    if (text == "-Inf") return -kInfinity;
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) Fail();
    return value;
  }

  std::string_view line_;
  std::string_view rest_;
};

}  // namespace

MetricsPage MetricsPage::Parse(std::string_view text) {
  MetricsPage page;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    MetricSample sample = LineReader(line).Read();
    auto& samples = page.by_name_[sample.name];
    samples.push_back(std::move(sample));
    ++page.size_;
  }
  return page;
}

std::vector<MetricSample> MetricsPage::Find(const std::string& name, const Labels& labels) const {
  std::vector<MetricSample> found;
  const auto family = by_name_.find(name);
  if (family == by_name_.end()) return found;
  for (const MetricSample& sample : family->second) {
    const bool matches = std::all_of(labels.begin(), labels.end(), [&](const auto& wanted) {
      const auto label = sample.labels.find(wanted.first);
      return label != sample.labels.end() && label->second == wanted.second;
    });
    if (matches) found.push_back(sample);
  }
  return found;
}

std::optional<double> MetricsPage::Value(const std::string& name, const Labels& labels) const {
  const auto found = Find(name, labels);
  if (found.empty()) return std::nullopt;
  if (found.size() > 1) throw std::runtime_error("several samples of " + name);
  return found.front().value;
}

double MetricsPage::Sum(const std::string& name, const Labels& labels) const {
  double sum = 0;
  for (const MetricSample& sample : Find(name, labels)) sum += sample.value;
  return sum;
}

std::vector<MetricSample> MetricsPage::Counters() const {
  std::vector<MetricSample> found;
  for (const auto& [name, samples] : by_name_) {
    if (name.ends_with("_total")) found.insert(found.end(), samples.begin(), samples.end());
  }
  return found;
}

}  // namespace streamgauge::test
