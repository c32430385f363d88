// The agent's binary as a process of its own, with a configuration and its page on loopback.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/http_get.h"
#include "support/metrics_page.h"
#include "support/process.h"
#include "support/temp_dir.h"

namespace streamgauge::test {

struct AgentOptions {
  // The configuration file without the section `http`, e.g. "poll_interval: 1s\ntargets: ...".
  std::string configuration;
  std::vector<std::string> arguments;  // added to --config FILE
  std::map<std::string, std::string> env;
  std::filesystem::path log_file;  // empty: where Log() finds it
};

// Not thread-safe. Throws std::runtime_error with the agent's log when it does not start.
class AgentProcess {
 public:
  static bool Available();

  // Starts it and waits until /-/healthy answers.
  explicit AgentProcess(const AgentOptions& options);

  std::uint16_t port() const { return port_; }
  std::filesystem::path config_file() const;
  Process& process() { return *process_; }
  std::string Log() const { return process_->Stderr(); }

  // Waits until every target was polled once, well or not.
  void WaitUntilReady(std::chrono::milliseconds deadline = std::chrono::seconds(30));
  HttpResponse Get(const std::string& path) const { return HttpGet(port_, path); }
  // Scrapes; throws when the answer is no page.
  MetricsPage Metrics() const;
  // Replaces the configuration file and sends SIGHUP.
  void Reload(const std::string& configuration);

  void Kill();   // SIGKILL
  void Start();  // after Kill, on the same port; waits as the constructor does

 private:
  void WriteConfiguration(const std::string& rest) const;

  AgentOptions options_;
  TempDir dir_{"agent"};
  std::uint16_t port_;
  std::unique_ptr<Process> process_;
};

}  // namespace streamgauge::test
