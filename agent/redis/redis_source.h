// Redis Streams as a source. See docs/signals.md for the rules.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "config/config.h"
#include "model/source.h"
#include "redis/connection.h"

namespace streamgauge {

struct RedisTimes {
  Duration timeout{};  // of each exchange with the server
  // How long a poll may go on asking; what it does not come to is left to the next one.
  Duration poll_budget = std::chrono::hours(1);
};

// Neither connects nor starts a thread before the first Poll. `open` is called by the polling
// thread and by that of the discovery.
std::unique_ptr<Source> MakeRedisSource(const std::string& target, const RedisTargetConfig& config,
                                        const RedisTimes& times,
                                        ConnectionFactory open = OpenConnection);

}  // namespace streamgauge
