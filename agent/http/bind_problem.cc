#include "http/bind_problem.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace streamgauge {
namespace {

std::string Words(int error) { return std::generic_category().message(error); }

std::string ListenProblem(const addrinfo& address) {
  const int descriptor =
      socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, address.ai_protocol);
  if (descriptor < 0) return Words(errno);
  const int yes = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  std::string problem;
  if (bind(descriptor, address.ai_addr, address.ai_addrlen) != 0 || listen(descriptor, 1) != 0) {
    problem = Words(errno);
  }
  close(descriptor);
  return problem;
}

}  // namespace

std::string BindProblem(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return gai_strerror(error);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  return ListenProblem(*addresses);
}

}  // namespace streamgauge
