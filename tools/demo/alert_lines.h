// The alerts that have arrived at the demo's receiver, a line each, for the terminal.
#pragma once

#include <cstddef>
#include <string>

#include "support/alert_receiver.h"

namespace streamgauge::demo {

// For one thread. The receiver must outlive it.
class AlertLines {
 public:
  explicit AlertLines(const test::AlertReceiver& receiver) : receiver_(receiver) {}

  // Those that have arrived since the last call; "" when there are none.
  std::string Next();

 private:
  const test::AlertReceiver& receiver_;
  std::size_t shown_ = 0;
};

}  // namespace streamgauge::demo
