// What a running agent costs: itself, its server and the network. Benchmarks print it; they judge
// nothing, as a figure depends on the machine.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>

namespace streamgauge::bench {

// The CPU time of a process, all its threads, in the kernel's own resolution.
class CpuClock {
 public:
  // Throws std::system_error when there is no such process.
  explicit CpuClock(pid_t pid);
  double Milliseconds() const;

 private:
  clockid_t clock_;
};

// Resident memory in MiB.
double ResidentMib(pid_t pid);

// Processor, cores, memory, kernel, compiler, load: one fact a line.
std::string MachineFacts();

struct Schedule {
  std::chrono::seconds poll_interval{1};
  int warm_up_polls = 5;  // the server's compiler and caches take part in the first ones
  int polls = 30;         // in each of the measurements
  // How long the server is watched without the agent, three times: what it used least is its own.
  std::chrono::seconds idle{3};
};

// Mean values of one window of time, per poll: whatever happened between polls is theirs, too.
struct Cost {
  double polls = 0;
  double poll_ms = 0;  // wall time
  double round_trips = 0;
  double requests = 0;
  double received_kib = 0;
  double server_cpu_ms = 0;
  double agent_cpu_ms = 0;
  double commits = 0;  // of Kafka's groups, that the agent saw
};

// The head of the table whose rows PrintAgentCost prints.
void PrintCostHead();

// What scrapes are measured with besides the plain ones.
enum class Gzip : std::uint8_t { kNo, kYes };

// Starts an agent with one target ("name: bench" and `target`, the rest of a flow mapping) and
// prints how long it takes until its first figures, and what a poll costs: alone, with a scrape in
// each interval, and with a compressed one if wanted. The server's CPU time is less what it uses
// while the warm agent is suspended. Returns the cost with a scrape.
Cost PrintAgentCost(const std::string& condition, const std::string& target, pid_t server,
                    const Schedule& schedule, Gzip gzip = Gzip::kYes);

// Starts such an agent and prints the longest of so many polls, and how many requests failed.
void PrintLongestPoll(const std::string& condition, const std::string& target, int polls);

// One more row of the table: how many times as much `many` is as `few`.
void PrintRatio(const std::string& what, const Cost& few, const Cost& many);

}  // namespace streamgauge::bench
