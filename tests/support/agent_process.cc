#include "support/agent_process.h"

#include <csignal>
#include <stdexcept>

#include "build_paths.h"
#include "support/loopback.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

constexpr const char* kConfigFile = "streamgauge.yml";

}  // namespace

bool AgentProcess::Available() { return FindProgram(build_paths::AgentBinary()).has_value(); }

AgentProcess::AgentProcess(const AgentOptions& options) : options_(options), port_(FreePort()) {
  WriteConfiguration(options_.configuration);
  Start();
}

std::filesystem::path AgentProcess::config_file() const { return dir_.path() / kConfigFile; }

void AgentProcess::Start() {
  ProcessOptions launch;
  launch.argv = {build_paths::AgentBinary(), "--config", config_file()};
  launch.argv.insert(launch.argv.end(), options_.arguments.begin(), options_.arguments.end());
  launch.env = options_.env;
  launch.err = options_.log_file;
  process_ = std::make_unique<Process>(launch);
  const auto settled = [this] { return !process_->Running() || Get("/-/healthy").status == 200; };
  if (!WaitFor(settled, seconds(20)) || !process_->Running()) {
    throw std::runtime_error("the agent does not start:\n" + process_->OutputTail());
  }
}

void AgentProcess::WaitUntilReady(std::chrono::milliseconds deadline) {
  if (!WaitFor([this] { return Get("/-/ready").status == 200; }, deadline)) {
    throw std::runtime_error("the agent does not become ready:\n" + process_->OutputTail());
  }
}

MetricsPage AgentProcess::Metrics() const {
  const HttpResponse response = Get("/metrics");
  if (response.status != 200) {
    throw std::runtime_error("/metrics answers " + std::to_string(response.status) + "\n" +
                             process_->OutputTail());
  }
  return MetricsPage::Parse(response.body);
}

void AgentProcess::Reload(const std::string& configuration) {
  WriteConfiguration(configuration);
  process_->Signal(SIGHUP);
}

void AgentProcess::Kill() {
  process_->Signal(SIGKILL);
  if (!process_->Wait(seconds(10))) throw std::runtime_error("the agent outlives SIGKILL");
}

void AgentProcess::WriteConfiguration(const std::string& rest) const {
  dir_.Write(kConfigFile, "http: {listen: \"127.0.0.1:" + std::to_string(port_) + "\"}\n" + rest);
}

}  // namespace streamgauge::test
