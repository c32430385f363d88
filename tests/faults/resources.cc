#include "faults/resources.h"

#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

#include "support/temp_dir.h"

namespace streamgauge::test {
namespace {

// The first number after `name` in /proc/PID/status.
std::size_t Number(const std::string& status, const std::string& name) {
  const std::size_t at = status.find("\n" + name + ":");
  if (at == std::string::npos) throw std::runtime_error("/proc has no " + name);
  return std::stoul(status.substr(at + name.size() + 2));
}

// Fields 14 and 15 of /proc/PID/stat, counted from behind the program's name in parentheses.
double CpuSeconds(const std::string& stat) {
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

Resources ResourcesOf(pid_t pid) {
  const std::filesystem::path proc = "/proc/" + std::to_string(pid);
  const std::string status = ReadFile(proc / "status");
  if (status.empty()) throw std::runtime_error("the process is gone");
  const std::filesystem::directory_iterator descriptors(proc / "fd");
  return {
      .rss_kib = Number(status, "VmRSS"),
      .threads = Number(status, "Threads"),
      .descriptors = static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors))),
      .cpu_seconds = CpuSeconds(ReadFile(proc / "stat"))};
}

}  // namespace streamgauge::test
