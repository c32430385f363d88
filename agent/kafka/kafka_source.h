// Kafka as a source. See docs/signals.md for the rules.
#pragma once

#include <memory>
#include <string>

#include "config/config.h"
#include "model/source.h"

namespace streamgauge {

// Neither connects nor starts a thread before the first Poll. `stale_after` is how long the last
// values of a partition whose leader does not answer are kept.
std::unique_ptr<Source> MakeKafkaSource(const std::string& target, const KafkaTargetConfig& config,
                                        Duration timeout, Duration stale_after);

}  // namespace streamgauge
