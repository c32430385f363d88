// Redis Streams as a source. See docs/signals.md for the rules.
#pragma once

#include <memory>
#include <string>

#include "config/config.h"
#include "model/source.h"
#include "redis/connection.h"

namespace streamgauge {

// Neither connects nor starts a thread before the first Poll. `open` is called by the polling
// thread and by that of the discovery.
std::unique_ptr<Source> MakeRedisSource(const std::string& target, const RedisTargetConfig& config,
                                        Duration timeout,
                                        ConnectionFactory open = OpenPlainConnection);

}  // namespace streamgauge
