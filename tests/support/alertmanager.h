// A real Alertmanager of a test's own on 127.0.0.1, without a cluster.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "support/http_get.h"
#include "support/process.h"
#include "support/temp_dir.h"

namespace streamgauge::test {

// Not thread-safe. Throws std::runtime_error with the server's own words when it does not start.
class Alertmanager {
 public:
  static bool Available();

  // Starts it with the text of a configuration file and waits until it is ready.
  explicit Alertmanager(const std::string& configuration);

  std::uint16_t port() const { return port_; }
  bool Running() { return process_->Running(); }
  HttpResponse Get(const std::string& path) const { return HttpGet(port_, path); }
  std::string OutputTail() const { return process_->OutputTail(); }

 private:
  TempDir dir_{"alertmanager"};
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

// alerts/alertmanager.example.yml as it is, but for the address of its receivers.
std::string ExampleAlertmanagerConfiguration(std::uint16_t receiver_port);

}  // namespace streamgauge::test
