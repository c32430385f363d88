// Redis Streams as a source. See docs/signals.md for the rules.
#pragma once

#include <memory>
#include <string>

#include "config/config.h"
#include "model/source.h"

namespace streamgauge {

// Neither connects nor starts a thread before the first Poll.
std::unique_ptr<Source> MakeRedisSource(const std::string& target, const RedisTargetConfig& config,
                                        Duration timeout);

}  // namespace streamgauge
