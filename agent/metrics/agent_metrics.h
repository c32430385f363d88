// The agent's own metrics: what it costs, how its polls go, whether its configuration is good, and
// the process_* family. Held in prometheus-cpp; rendered by metrics/exposition.h together with the
// bulk. All methods may be called from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/error.h"
#include "model/telemetry.h"
#include "model/time.h"

namespace streamgauge {

// One target's own counters. Made by AgentMetrics::ForTarget; shared by poller and registry.
class TargetMetrics {
 public:
  virtual ~TargetMetrics() = default;
  // One poll has ended. `error` is null when it succeeded. `telemetry` holds the source's sums since
  // that source was made; the rises since the last call are added to the counters.
  virtual void PollEnded(Duration duration, const Error* error, const Telemetry& telemetry) = 0;
};

class AgentMetrics {
 public:
  AgentMetrics();
  ~AgentMetrics();

  // Series with the labels system and target appear here and go when the result is destroyed.
  std::unique_ptr<TargetMetrics> ForTarget(std::string_view system, std::string_view target);
  void ConfigReloaded(bool success, WallTime now);

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace streamgauge
