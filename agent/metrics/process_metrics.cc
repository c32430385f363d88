#include "metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include "metrics/own_metrics.h"

namespace streamgauge {
namespace {

// The fields of /proc/self/stat that are of interest: proc(5), fields 14, 15, 20, 22, 23 and 24.
struct Stat {
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t threads = 0;
  std::uint64_t start_ticks = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};

std::optional<Stat> ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  // The second field, the command's name, may hold blanks and brackets: the last one closes it.
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  Stat stat;
  fields >> stat.user_ticks >> stat.system_ticks;
  for (int field = 16; field < 20; ++field) fields >> skipped;
  fields >> stat.threads >> skipped >> stat.start_ticks >> stat.virtual_bytes >>
      stat.resident_pages;
  if (!fields) return std::nullopt;
  return stat;
}

// When the machine was started, in seconds since the epoch. It does not change.
std::optional<double> ReadBootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
    file.ignore(1 << 20, '\n');
  }
  return std::nullopt;
}

std::optional<std::int64_t> CountOpenFds() {
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return std::nullopt;
  std::int64_t count = 0;
  for (const auto end = std::filesystem::directory_iterator(); entries != end;
       entries.increment(error)) {
    if (error) return std::nullopt;
    ++count;
  }
  return count - 1;  // without the one that reads the directory
}

void Add(const Metric& metric, double value, std::vector<prometheus::MetricFamily>& families) {
  prometheus::ClientMetric sample;
  prometheus::MetricFamily family;
  family.name = metric.name;
  if (metric.type == MetricType::kCounter) {
    family.type = prometheus::MetricType::Counter;
    sample.counter.value = value;
  } else {
    family.type = prometheus::MetricType::Gauge;
    sample.gauge.value = value;
  }
  family.metric.push_back(std::move(sample));
  families.push_back(std::move(family));
}

}  // namespace

std::vector<prometheus::MetricFamily> CollectProcess() {
  static const auto kTicksPerSecond = static_cast<double>(sysconf(_SC_CLK_TCK));
  static const auto kPageSize = static_cast<double>(sysconf(_SC_PAGESIZE));
  static const std::optional<double> kBootTime = ReadBootTime();

  std::vector<prometheus::MetricFamily> families;
  const auto add = [&families](const Metric& metric, auto value) {
    Add(metric, static_cast<double>(value), families);
  };
  if (const std::optional<Stat> stat = ReadStat()) {
    add(own::kProcessCpu,
        static_cast<double>(stat->user_ticks + stat->system_ticks) / kTicksPerSecond);
    add(own::kProcessResident, static_cast<double>(stat->resident_pages) * kPageSize);
    add(own::kProcessVirtual, stat->virtual_bytes);
    if (kBootTime) {
      add(own::kProcessStart,
          *kBootTime + static_cast<double>(stat->start_ticks) / kTicksPerSecond);
    }
    add(own::kProcessThreads, stat->threads);
  }
  if (const auto open = CountOpenFds()) add(own::kProcessOpenFds, *open);
  if (rlimit limit{}; getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    add(own::kProcessMaxFds, limit.rlim_cur);
  }
  return families;
}

}  // namespace streamgauge
