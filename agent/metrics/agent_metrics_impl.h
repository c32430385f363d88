// The agent's own metrics in prometheus-cpp: for agent_metrics.cc, which fills them, and
// exposition.cc, which walks them. Thread-safe.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "metrics/agent_metrics.h"

namespace streamgauge {

class TargetSeries;

struct AgentMetrics::Impl {
  Impl();

  // Every series as it stands now, process_* included.
  std::vector<prometheus::MetricFamily> Collect() const;

  prometheus::Registry registry;
  prometheus::Family<prometheus::Histogram>& poll_duration;
  prometheus::Family<prometheus::Counter>& polls;
  prometheus::Family<prometheus::Counter>& poll_errors;
  prometheus::Family<prometheus::Counter>& item_errors;
  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<prometheus::Counter>& round_trips;
  prometheus::Family<prometheus::Counter>& received_bytes;
  prometheus::Family<prometheus::Counter>& clock_clamps;
  prometheus::Family<prometheus::Counter>& lag_verifications;
  prometheus::Family<prometheus::Counter>& feed_mismatches;
  prometheus::Histogram& scrape_duration;
  prometheus::Family<prometheus::Gauge>& build_info;
  prometheus::Family<prometheus::Gauge>& reload_successful;
  prometheus::Family<prometheus::Gauge>& reload_success_timestamp;

  std::mutex mutex;
  // Those in use. Two pollers of one target (a reload) share one, so that no label set exists twice
  // and none goes while it is written to.
  std::map<std::pair<std::string, std::string>, std::weak_ptr<TargetSeries>> targets;
};

}  // namespace streamgauge
