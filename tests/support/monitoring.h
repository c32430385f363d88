// What watches agents: a Prometheus with the rules of alerts/, an Alertmanager with the example's
// configuration, and a receiver that its messages arrive at.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "support/alert_receiver.h"
#include "support/alertmanager.h"
#include "support/prometheus.h"
#include "support/temp_dir.h"

namespace streamgauge::test {

struct MonitoringOptions {
  std::vector<std::uint16_t> agents;
  std::string interval = "1s";  // of scrapes and of evaluations
  // Makes what is used from each rule file and from Alertmanager's configuration; as they are
  // without it.
  std::function<std::string(const std::string& yaml)> change;
};

// Not thread-safe. Throws std::runtime_error with a server's own words when it does not start.
class Monitoring {
 public:
  static bool Available() { return Prometheus::Available() && Alertmanager::Available(); }

  explicit Monitoring(const MonitoringOptions& options);

  const AlertReceiver& receiver() const { return receiver_; }
  const Alertmanager& alertmanager() const { return alertmanager_; }
  const Prometheus& prometheus() const { return prometheus_; }
  // Empty while both servers run.
  std::string Failure();
  // What the servers complain about, for the message of a failure.
  std::string Complaints() const;

 private:
  TempDir rules_{"rules"};
  AlertReceiver receiver_;
  Alertmanager alertmanager_;
  Prometheus prometheus_;
};

}  // namespace streamgauge::test
