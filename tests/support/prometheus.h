// A real Prometheus of a test's own on 127.0.0.1: scrapes, evaluates rules, tells an Alertmanager.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/http_get.h"
#include "support/process.h"
#include "support/temp_dir.h"

namespace streamgauge::test {

struct PrometheusOptions {
  std::vector<std::uint16_t> agents;          // scraped as the job `streamgauge`
  std::string interval = "1s";                // of scrapes and of evaluations
  std::vector<std::filesystem::path> rules;   // rule files or patterns of them
  std::optional<std::uint16_t> alertmanager;  // told of alerts
};

// Not thread-safe. Everything that fails throws std::runtime_error with the server's own words.
class Prometheus {
 public:
  static bool Available();

  // Starts it and waits until it is ready; rules that it refuses keep it from starting.
  explicit Prometheus(const PrometheusOptions& options);

  std::uint16_t port() const { return port_; }
  bool Running() { return process_->Running(); }
  HttpResponse Get(const std::string& path) const { return HttpGet(port_, path); }
  // The JSON answer to an instant query.
  std::string Query(const std::string& expression) const;
  std::string OutputTail() const { return process_->OutputTail(); }

 private:
  TempDir dir_{"prometheus"};
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace streamgauge::test
