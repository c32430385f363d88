#include "http/connections.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
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

// Not F_DUPFD_CLOEXEC, which ThreadSanitizer does not see.
Descriptor Duplicate(int descriptor) {
  const int number = dup(descriptor);
  if (number >= 0) fcntl(number, F_SETFD, FD_CLOEXEC);
  return Descriptor(number);
}

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

// What tells one socket from all others that are open, whatever numbers it has: "socket:[4711]".
// Empty for other things. By its link, since the descriptor may be another thread's.
std::string SocketIdentity(int descriptor) {
  std::error_code error;
  const std::string target =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), error);
  return target.starts_with("socket:") ? target : "";
}

}  // namespace

class Connections::Connection {
 public:
  explicit Connection(Descriptor descriptor)
      : descriptor_(std::move(descriptor)), identity_(SocketIdentity(descriptor_.number())) {}

  const std::string& identity() const { return identity_; }
  void ShutDown() const { shutdown(descriptor_.number(), SHUT_RDWR); }

  // Guarded by the mutex of Connections.
  Phase phase = Phase::kWaits;
  SteadyTime since{};

 private:
  const Descriptor descriptor_;
  const std::string identity_;
};

namespace {

thread_local std::weak_ptr<Connections::Connection> served_by_this_thread;

}  // namespace

Connections::Connections(ConnectionLimits limits)
    : limits_(limits), watcher_([this](const std::stop_token& stop) { Watch(stop); }) {}

Connections::~Connections() = default;

Connections::ConnectionRef Connections::Accepted(std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  for (const int descriptor : OpenDescriptors()) {
    const std::string identity = SocketIdentity(descriptor);
    if (identity.empty() || IsKnown(identity) || PortOfConnection(descriptor) != port) continue;
    Descriptor own = Duplicate(descriptor);
    // The number may have passed to another socket meanwhile.
    if (PortOfConnection(own.number()) != port) continue;
    auto connection = std::make_unique<Connection>(std::move(own));
    if (connection->identity() == identity) return Keep(std::move(connection));
  }
  return nullptr;
}

bool Connections::IsKnown(const std::string& identity) const {
  return std::ranges::any_of(
      connections_, [&identity](const auto& known) { return known->identity() == identity; });
}

Connections::ConnectionRef Connections::Keep(std::unique_ptr<Connection> connection) {
  connections_.push_back(std::move(connection));
  changed_.notify_one();
  return {connections_.back().get(), [this](const Connection* ended) {
            const std::lock_guard lock(mutex_);
            std::erase_if(connections_,
                          [ended](const auto& known) { return known.get() == ended; });
          }};
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
  for (const auto& connection : connections_) connection->ShutDown();
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
  const bool full = IsFull();
  for (const auto& connection : connections_) {
    if (connection->phase == Phase::kWaits) continue;
    if (now - connection->since > LimitOf(connection->phase, full)) connection->ShutDown();
  }
}

bool Connections::IsFull() const {
  const auto in = [this](Phase phase) {
    return static_cast<std::size_t>(std::ranges::count_if(
        connections_, [phase](const auto& connection) { return connection->phase == phase; }));
  };
  return in(Phase::kWaits) > 0 || in(Phase::kAnswer) >= limits_.large_answers;
}

std::chrono::milliseconds Connections::LimitOf(Phase phase, bool full) const {
  if (phase == Phase::kError) return limits_.error;
  if (phase == Phase::kAnswer) return full ? limits_.answer_when_full : limits_.answer;
  return full ? limits_.request_when_full : limits_.request;
}

}  // namespace streamgauge
