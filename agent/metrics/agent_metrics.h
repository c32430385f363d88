// The agent's own metrics: what it costs, how its polls go, whether its configuration is good, and
// the process_* family. Held in prometheus-cpp; rendered by metrics/exposition.h together with the
// bulk. All methods may be called from any thread.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "model/error.h"
#include "model/telemetry.h"
#include "model/time.h"

namespace streamgauge {

// One target's own counters. Made by AgentMetrics::ForTarget; shared by poller and registry.
class TargetMetrics {
 public:
  virtual ~TargetMetrics() = default;
  // One poll has ended. `error` is null when it succeeded. `telemetry` holds the source's sums
  // since that source was made; the rises since the last call are added to the counters.
  virtual void PollEnded(std::chrono::duration<double> duration, const Error* error,
                         const Telemetry& telemetry) = 0;
};

class AgentMetrics {
 public:
  // What is running, for streamgauge_build_info.
  AgentMetrics(std::string_view version, std::string_view revision);
  ~AgentMetrics();

  // Series with the labels system and target appear here and go when the last result for that
  // target is destroyed; two for one target (a reload) add to the same series. This must outlive
  // what it returns.
  std::unique_ptr<TargetMetrics> ForTarget(std::string_view system, std::string_view target);
  void ConfigReloaded(bool success, WallTime now);
  // A page was made (and sent, unless it is compressed), which took this long.
  void ScrapeEnded(std::chrono::duration<double> duration);

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace streamgauge
