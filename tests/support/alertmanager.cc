#include "support/alertmanager.h"

#include <optional>
#include <stdexcept>

#include "build_paths.h"
#include "support/loopback.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

// Debian's name, and upstream's.
std::optional<std::filesystem::path> Program() {
  auto program = FindProgram("prometheus-alertmanager");
  return program ? program : FindProgram("alertmanager");
}

}  // namespace

bool Alertmanager::Available() { return Program().has_value(); }

Alertmanager::Alertmanager(const std::string& configuration) : port_(FreePort()) {
  const auto program = Program();
  if (!program) throw std::runtime_error("Alertmanager is not installed");
  const auto config = dir_.Write("alertmanager.yml", configuration);
  process_ = std::make_unique<Process>(
      ProcessOptions{.argv = {*program, "--config.file=" + config.string(),
                              "--storage.path=" + (dir_.path() / "data").string(),
                              "--web.listen-address=127.0.0.1:" + std::to_string(port_),
                              "--cluster.listen-address=", "--log.level=warn"},
                     .env = {},
                     .cwd = {}});
  const auto settled = [this] { return !process_->Running() || Get("/-/ready").status == 200; };
  if (!WaitFor(settled, seconds(60)) || !process_->Running()) {
    throw std::runtime_error("alertmanager does not start:\n" + OutputTail());
  }
}

std::string ExampleAlertmanagerConfiguration(std::uint16_t receiver_port) {
  const std::string example = "http://127.0.0.1:8080/";
  const std::string own = "http://127.0.0.1:" + std::to_string(receiver_port) + "/";
  std::string text = ReadFile(build_paths::Source() / "alerts" / "alertmanager.example.yml");
  std::size_t at = text.find(example);
  if (at == std::string::npos) throw std::runtime_error("the example has no " + example);
  for (; at != std::string::npos; at = text.find(example, at + own.size())) {
    text.replace(at, example.size(), own);
  }
  return text;
}

}  // namespace streamgauge::test
