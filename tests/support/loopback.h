// Sockets on 127.0.0.1.
#pragma once

#include <chrono>
#include <cstdint>

namespace streamgauge::test {

// A TCP port that is free at this moment, chosen by the kernel. Somebody else may take it before
// its user binds it: start servers in a way that tries again with another one.
std::uint16_t FreePort();

// A socket that listens on a port that the kernel chooses.
struct Listener {
  int fd = -1;  // whoever asked closes it
  std::uint16_t port = 0;
};
// Throws std::system_error.
Listener Listen();

// An open connection, or -1.
int ConnectLoopback(std::uint16_t port, std::chrono::milliseconds timeout);

}  // namespace streamgauge::test
