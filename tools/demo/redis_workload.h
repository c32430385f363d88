// The demo's traffic on Redis: the stream `orders`, 20 entries a second, and four groups, each of
// which is named after what is wrong with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "support/activities.h"

namespace streamgauge::demo {

class RedisWorkload {
 public:
  // Makes the stream and its groups and starts the traffic.
  explicit RedisWorkload(std::uint16_t port);

  std::optional<std::string> failure() const { return activities_.failure(); }

 private:
  test::Activities activities_;
};

}  // namespace streamgauge::demo
