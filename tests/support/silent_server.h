// A port on 127.0.0.1 where connections are taken and nothing is ever said. Not thread-safe, but
// WaitForBytes may be called while others connect.
#pragma once

#include <chrono>
#include <cstdint>

#include "support/loopback.h"

namespace streamgauge::test {

class SilentServer {
 public:
  SilentServer();  // throws std::system_error
  ~SilentServer();
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  std::uint16_t port() const { return listener_.port; }
  // True when somebody has connected and said something.
  bool WaitForBytes(std::chrono::milliseconds deadline);

 private:
  Listener listener_;
  int accepted_ = -1;
};

}  // namespace streamgauge::test
