#include "support/silent_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace streamgauge::test {
namespace {

bool IsReadable(int socket, std::chrono::milliseconds deadline) {
  pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(deadline.count())) == 1;
}

}  // namespace

SilentServer::SilentServer() : listener_(Listen()) {}

SilentServer::~SilentServer() {
  close(listener_.fd);
  if (accepted_ >= 0) close(accepted_);
}

bool SilentServer::WaitForBytes(std::chrono::milliseconds deadline) {
  if (accepted_ < 0 && IsReadable(listener_.fd, deadline)) {
    accepted_ = accept4(listener_.fd, nullptr, nullptr, SOCK_CLOEXEC);
  }
  return accepted_ >= 0 && IsReadable(accepted_, deadline);
}

}  // namespace streamgauge::test
