// Takes a page apart for the tests.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/exposition.h"

namespace streamgauge::test {

inline std::string Scrape(Exposition& exposition,
                          ExpositionFormat format = ExpositionFormat::kPrometheusText) {
  std::string page;
  exposition.Write(format, [&page](std::string_view chunk) {
    page += chunk;
    return true;
  });
  return page;
}

inline std::vector<std::string> Lines(std::string_view page) {
  std::vector<std::string> lines;
  while (!page.empty()) {
    const std::size_t end = std::min(page.find('\n'), page.size() - 1);
    lines.emplace_back(page.substr(0, end));
    page.remove_prefix(end + 1);
  }
  return lines;
}

inline bool IsSeries(std::string_view line) { return !line.empty() && line[0] != '#'; }

// The lines of the series of this name.
inline std::vector<std::string> SeriesOf(std::string_view page, std::string_view name) {
  std::vector<std::string> series;
  for (std::string& line : Lines(page)) {
    if (line.substr(0, line.find_first_of("{ ")) == name) series.push_back(std::move(line));
  }
  return series;
}

}  // namespace streamgauge::test
