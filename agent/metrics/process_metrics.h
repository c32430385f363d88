// The standard process_* metrics, read from /proc/self at each call (about 20 us). What cannot be
// read is left out. Any thread may call it.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace streamgauge {

std::vector<prometheus::MetricFamily> CollectProcess();

}  // namespace streamgauge
