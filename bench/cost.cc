#include "cost.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "support/agent_process.h"
#include "support/http_get.h"
#include "support/wait_for.h"

namespace streamgauge::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::AgentProcess;
using test::MetricsPage;

constexpr const char* kPolls = "streamgauge_polls_total";

double MillisecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// The rest of the line after "name:" in a file of such lines.
std::string FieldOf(const std::string& file, const std::string& name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name)) continue;
    const std::size_t value = line.find_first_not_of(" \t:", name.size());
    return value == std::string::npos ? "" : line.substr(value);
  }
  throw std::runtime_error(file + " has no field " + name);
}

enum class Scrapes { kNone, kPlain, kGzip };

// The size of the answer as it was sent.
std::size_t Scrape(const AgentProcess& agent, Scrapes kind) {
  const std::string encoding = kind == Scrapes::kGzip ? "gzip" : "identity";
  return test::HttpDrain(agent.port(), "/metrics", {{"Accept-Encoding", encoding}});
}

// What the server uses without the agent, in ms of CPU time per second: the least of three windows,
// so that what it does by itself now and then counts for the agent rather than against it.
double IdleRate(AgentProcess& agent, pid_t server, seconds window) {
  agent.process().Pause();
  std::this_thread::sleep_for(seconds(1));  // requests on their way end
  const CpuClock clock(server);
  double least = std::numeric_limits<double>::max();
  for (int i = 0; i < 3; ++i) {
    const double before = clock.Milliseconds();
    std::this_thread::sleep_for(window);
    least = std::min(least, clock.Milliseconds() - before);
  }
  agent.process().Signal(SIGCONT);
  return least / std::chrono::duration<double>(window).count();
}

Cost Measure(AgentProcess& agent, pid_t server, double idle_rate, const Schedule& schedule,
             Scrapes scrapes) {
  const CpuClock agent_cpu(agent.process().pid());
  const CpuClock server_cpu(server);
  const MetricsPage before = agent.Metrics();
  const double agent_before = agent_cpu.Milliseconds();
  const double server_before = server_cpu.Milliseconds();
  const auto begin = Clock::now();
  for (int i = 1; i <= schedule.polls; ++i) {
    std::this_thread::sleep_until(begin + i * schedule.poll_interval);
    if (scrapes != Scrapes::kNone) Scrape(agent, scrapes);
  }
  const double idle_ms = MillisecondsSince(begin) / 1e3 * idle_rate;
  const double agent_ms = agent_cpu.Milliseconds() - agent_before;
  const double server_ms = server_cpu.Milliseconds() - server_before - idle_ms;
  // The two pages that frame the window are outside of it.
  const MetricsPage after = agent.Metrics();
  const auto rise = [&](const char* name) { return after.Sum(name) - before.Sum(name); };
  const double polls = rise(kPolls);
  if (polls == 0) throw std::runtime_error("the agent does not poll:\n" + agent.Log());
  return {.polls = polls,
          .poll_ms = rise("streamgauge_poll_duration_seconds_sum") * 1e3 / polls,
          .round_trips = rise("streamgauge_round_trips_total") / polls,
          .requests = rise("streamgauge_requests_total") / polls,
          .received_kib = rise("streamgauge_received_bytes_total") / 1024 / polls,
          .server_cpu_ms = server_ms / polls,
          .agent_cpu_ms = agent_ms / polls,
          .commits = rise("streamgauge_group_commits_total") / polls};
}

void PrintRow(const std::string& what, const Cost& cost) {
  fmt::print("{:<26}{:>7.0f}{:>10.1f}{:>8.1f}{:>10.1f}{:>10.1f}{:>10.1f} ms{:>9.1f} ms\n", what,
             cost.polls, cost.poll_ms, cost.round_trips, cost.requests, cost.received_kib,
             cost.server_cpu_ms, cost.agent_cpu_ms);
  std::fflush(stdout);
}

void PrintScrape(const AgentProcess& agent, const char* name, Scrapes kind) {
  constexpr std::size_t kTimes = 5;
  std::size_t bytes = 0;
  std::vector<double> times;
  for (std::size_t i = 0; i < kTimes; ++i) {
    const auto begin = Clock::now();
    bytes = Scrape(agent, kind);
    times.push_back(MillisecondsSince(begin));
  }
  std::sort(times.begin(), times.end());
  fmt::print("  {}: {:.0f} KiB in {:.1f} ms ({:.1f}-{:.1f})\n", name,
             static_cast<double>(bytes) / 1024, times[kTimes / 2], times.front(), times.back());
}

AgentProcess Start(const std::string& target, seconds poll_interval) {
  return AgentProcess({fmt::format("poll_interval: {}s\ntargets:\n  - {{name: bench, {}}}\n",
                                   poll_interval.count(), target),
                       {},
                       {}});
}

void PrintStart(const std::string& condition, AgentProcess& agent, Clock::time_point begin) {
  agent.WaitUntilReady(seconds(300));
  const double waited = MillisecondsSince(begin);
  const MetricsPage first = agent.Metrics();
  fmt::print(
      "  {}: first figures after {:.1f} s and {:.0f} round trips; lag known of {} of {} groups\n",
      condition, waited / 1e3, first.Sum("streamgauge_round_trips_total"),
      first.Find("streamgauge_group_lag").size(), first.Find("streamgauge_group_state").size());
}

}  // namespace

CpuClock::CpuClock(pid_t pid) : clock_() {
  const int error = clock_getcpuclockid(pid, &clock_);
  if (error != 0) throw std::system_error(error, std::generic_category(), "CPU clock");
}

double CpuClock::Milliseconds() const {
  timespec time{};
  if (clock_gettime(clock_, &time) != 0) {
    throw std::system_error(errno, std::generic_category(), "the process has ended");
  }
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double ResidentMib(pid_t pid) {
  return std::stod(FieldOf(fmt::format("/proc/{}/status", pid), "VmRSS")) / 1024;
}

std::string MachineFacts() {
  utsname kernel{};
  uname(&kernel);
  std::ifstream load_file("/proc/loadavg");
  std::string load;
  std::getline(load_file, load);
  return fmt::format(
      "processor  {}, {} cores\n"
      "memory     {:.0f} GiB\n"
      "kernel     {} {}\n"
      "compiler   g++ {}\n"
      "load       {}\n",
      FieldOf("/proc/cpuinfo", "model name"), std::thread::hardware_concurrency(),
      std::stod(FieldOf("/proc/meminfo", "MemTotal")) / (1024 * 1024), kernel.sysname,
      kernel.release, __VERSION__, load);
}

void PrintCostHead() {
  fmt::print("{:<26}{:>7}{:>10}{:>8}{:>10}{:>10}{:>13}{:>12}\n", "mean per poll", "polls",
             "wall ms", "trips", "requests", "KiB read", "server CPU", "agent CPU");
}

Cost PrintAgentCost(const std::string& condition, const std::string& target, pid_t server,
                    const Schedule& schedule, Gzip gzip) {
  const auto begin = Clock::now();
  AgentProcess agent = Start(target, schedule.poll_interval);
  PrintStart(condition, agent, begin);
  const auto warm = [&] { return agent.Metrics().Sum(kPolls) >= schedule.warm_up_polls; };
  if (!test::WaitFor(warm, seconds(300), milliseconds(500))) {
    throw std::runtime_error("the agent polls too slowly:\n" + agent.Log());
  }
  const double idle_rate = IdleRate(agent, server, schedule.idle);
  const auto measure = [&](const char* what, Scrapes scrapes) {
    const Cost cost = Measure(agent, server, idle_rate, schedule, scrapes);
    PrintRow(condition + what, cost);
    return cost;
  };
  measure(": poll", Scrapes::kNone);
  const Cost with_scrape = measure(": and a scrape", Scrapes::kPlain);
  if (gzip == Gzip::kYes) measure(": and one in gzip", Scrapes::kGzip);
  fmt::print("  agent: {:.1f} MiB resident, {} series\n", ResidentMib(agent.process().pid()),
             agent.Metrics().size());
  PrintScrape(agent, "scrape", Scrapes::kPlain);
  if (gzip == Gzip::kYes) PrintScrape(agent, "in gzip", Scrapes::kGzip);
  return with_scrape;
}

void PrintLongestPoll(const std::string& condition, const std::string& target, int polls) {
  constexpr seconds kPollInterval{5};
  AgentProcess agent = Start(target, kPollInterval);
  double longest = 0;
  double seconds_before = 0;
  for (int poll = 1; poll <= polls; ++poll) {
    const auto polled = [&] { return agent.Metrics().Sum(kPolls) >= poll; };
    if (!test::WaitFor(polled, seconds(300), milliseconds(500))) {
      throw std::runtime_error("the agent polls too slowly:\n" + agent.Log());
    }
    const double seconds_now = agent.Metrics().Sum("streamgauge_poll_duration_seconds_sum");
    longest = std::max(longest, seconds_now - seconds_before);
    seconds_before = seconds_now;
  }
  const MetricsPage page = agent.Metrics();
  fmt::print("  {}: the longest of {} polls took {:.1f} s; lag known of {} of {} groups\n",
             condition, polls, longest, page.Find("streamgauge_group_lag").size(),
             page.Find("streamgauge_group_state").size());
  fmt::print("  {}: {:.0f} polls and {:.0f} requests failed; agent {:.1f} MiB\n", condition,
             page.Sum("streamgauge_poll_errors_total"), page.Sum("streamgauge_item_errors_total"),
             ResidentMib(agent.process().pid()));
}

void PrintRatio(const std::string& what, const Cost& few, const Cost& many) {
  const auto ratio = [](double a, double b) { return a > 0 ? b / a : 0; };
  fmt::print("{:<26}{:>7}{:>9.1f}x{:>7.1f}x{:>9.1f}x{:>9.1f}x{:>12.1f}x{:>11.1f}x\n", what, "",
             ratio(few.poll_ms, many.poll_ms), ratio(few.round_trips, many.round_trips),
             ratio(few.requests, many.requests), ratio(few.received_kib, many.received_kib),
             ratio(few.server_cpu_ms, many.server_cpu_ms),
             ratio(few.agent_cpu_ms, many.agent_cpu_ms));
}

}  // namespace streamgauge::bench
