#include "http/connections.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace streamgauge {
namespace {

constexpr std::chrono::milliseconds kLookEvery(200);

// A descriptor of our own. Empty (-1) when there is none.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

std::vector<int> OpenDescriptors() {
  std::vector<int> descriptors;
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename();
    int descriptor = -1;
    std::from_chars(name.data(), name.data() + name.size(), descriptor);
    if (descriptor >= 0) descriptors.push_back(descriptor);
  }
  return descriptors;
}

// The port of this end of a connection; 0 for everything else.
std::uint16_t PortOfConnection(int descriptor) {
  sockaddr_storage own{};
  socklen_t size = sizeof(own);
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) != 0) return 0;
  int listens = 0;
  size = sizeof(listens);
  if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0) return 0;
  if (listens != 0) return 0;
  if (own.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&own)->sin_port);
  if (own.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&own)->sin6_port);
  return 0;
}

// What tells one socket from all others that are open, whatever numbers it has; 0 for other things.
ino_t SocketIdentity(int descriptor) {
  struct stat status{};
  if (fstat(descriptor, &status) != 0 || !S_ISSOCK(status.st_mode)) return 0;
  return status.st_ino;
}

}  // namespace

class Connections::Connection {
 public:
  explicit Connection(Descriptor descriptor)
      : descriptor_(std::move(descriptor)), identity_(SocketIdentity(descriptor_.number())) {}

  ino_t identity() const { return identity_; }
  void ShutDown() const { shutdown(descriptor_.number(), SHUT_RDWR); }

  // Guarded by the mutex of Connections.
  Phase phase = Phase::kWaits;
  SteadyTime since{};

 private:
  const Descriptor descriptor_;
  const ino_t identity_;
};

namespace {

thread_local std::weak_ptr<Connections::Connection> served_by_this_thread;

}  // namespace

Connections::Connections(ConnectionLimits limits)
    : limits_(limits), watcher_([this](const std::stop_token& stop) { Watch(stop); }) {}

Connections::~Connections() = default;

Connections::ConnectionRef Connections::Accepted(std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  const auto is_known = [this](ino_t identity) {
    return std::ranges::any_of(connections_, [identity](const auto& known) {
      const ConnectionRef connection = known.lock();
      return connection && connection->identity() == identity;
    });
  };
  for (const int descriptor : OpenDescriptors()) {
    const ino_t identity = SocketIdentity(descriptor);
    if (identity == 0 || is_known(identity) || PortOfConnection(descriptor) != port) continue;
    auto connection =
        std::make_shared<Connection>(Descriptor(fcntl(descriptor, F_DUPFD_CLOEXEC, 0)));
    if (connection->identity() != identity) continue;
    std::erase_if(connections_, [](const auto& known) { return known.expired(); });
    connections_.push_back(connection);
    changed_.notify_one();
    return connection;
  }
  return nullptr;
}

void Connections::Serve(const ConnectionRef& connection) {
  served_by_this_thread = connection;
  Enter(Phase::kRequest, connection);
}

void Connections::BeginAnswer() { Enter(Phase::kAnswer, served_by_this_thread.lock()); }

void Connections::BeginErrorAnswer() { Enter(Phase::kError, served_by_this_thread.lock()); }

void Connections::Enter(Phase phase, const ConnectionRef& connection) {
  if (!connection) return;
  const std::lock_guard lock(mutex_);
  connection->phase = phase;
  connection->since = std::chrono::steady_clock::now();
}

void Connections::ShutDownAll() {
  const std::lock_guard lock(mutex_);
  for (const auto& known : connections_) {
    if (const ConnectionRef connection = known.lock()) connection->ShutDown();
  }
}

void Connections::Watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    // Without connections there is nothing to wake up for.
    if (!changed_.wait(lock, stop, [this] { return !connections_.empty(); })) return;
    ShutDownOverdue(std::chrono::steady_clock::now());
    changed_.wait_for(lock, stop, kLookEvery, [] { return false; });
  }
}

void Connections::ShutDownOverdue(SteadyTime now) {
  std::erase_if(connections_, [](const auto& known) { return known.expired(); });
  std::vector<ConnectionRef> open;
  for (const auto& known : connections_) {
    if (ConnectionRef connection = known.lock()) open.push_back(std::move(connection));
  }
  const bool full =
      std::ranges::any_of(open, [](const auto& c) { return c->phase == Phase::kWaits; });
  for (const ConnectionRef& connection : open) {
    if (connection->phase == Phase::kWaits) continue;
    if (now - connection->since > LimitOf(connection->phase, full)) connection->ShutDown();
  }
}

std::chrono::milliseconds Connections::LimitOf(Phase phase, bool full) const {
  if (phase == Phase::kError) return limits_.error;
  if (phase == Phase::kAnswer) return full ? limits_.answer_when_full : limits_.answer;
  return full ? limits_.request_when_full : limits_.request;
}

}  // namespace streamgauge
