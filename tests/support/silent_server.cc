#include "support/silent_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace streamgauge::test {
namespace {

bool IsReadable(int socket, std::chrono::milliseconds deadline) {
  pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(deadline.count())) == 1;
}

}  // namespace

SilentServer::SilentServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, length) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &length) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot listen on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
}

SilentServer::~SilentServer() {
  close(listener_);
  if (accepted_ >= 0) close(accepted_);
}

bool SilentServer::WaitForBytes(std::chrono::milliseconds deadline) {
  if (accepted_ < 0 && IsReadable(listener_, deadline)) {
    accepted_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  }
  return accepted_ >= 0 && IsReadable(accepted_, deadline);
}

}  // namespace streamgauge::test
