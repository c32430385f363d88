#include "support/fault_proxy.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <system_error>
#include <utility>
#include <vector>

#include "support/loopback.h"

namespace streamgauge::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMostHeld = std::size_t{64} << 10;
constexpr std::size_t kMostLinks = 200;
constexpr milliseconds kLongestNap{1000};

void CloseWithReset(int fd) {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
  close(fd);
}

void SetUpSocket(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

[[noreturn]] void Fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

// The bytes of one connection that go one way.
struct FaultProxy::Lane {
  struct Piece {
    Clock::time_point due;
    std::string bytes;
  };

  Way way = Way::kRequests;
  int from = -1;
  int to = -1;
  std::deque<Piece> pieces;
  std::size_t held = 0;
  bool dead = false;                // has lost bytes
  bool ended = false;               // the sender has closed
  bool told = false;                // the receiver knows that
  std::optional<std::size_t> left;  // bytes until the cut
  Clock::time_point next_drop{};    // when dripping may go on
  WayFault fault;                   // as of this turn

  bool Reads() const { return !ended && held < kMostHeld; }
  // When something may pass; nothing to pass is never.
  std::optional<Clock::time_point> PassesAt() const {
    if (fault.holds || pieces.empty()) return std::nullopt;
    const Clock::time_point due = pieces.front().due;
    return fault.drip_bytes > 0 ? std::max(due, next_drop) : due;
  }
};

struct FaultProxy::Link {
  std::array<Lane, 2> lanes;
  int client() const { return lanes[0].from; }
  int server() const { return lanes[0].to; }
  bool IsDead() const { return lanes[0].dead || lanes[1].dead; }
  void Close(bool by_reset) const {
    for (const int fd : {client(), server()}) by_reset ? CloseWithReset(fd) : (void)close(fd);
  }
};

FaultProxy::FaultProxy(std::uint16_t server_port, std::uint16_t port) : server_port_(server_port) {
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (wake_ < 0 || listener_ < 0 || bind(listener_, generic, size) != 0 ||
      listen(listener_, 64) != 0 || getsockname(listener_, generic, &size) != 0) {
    Fail("a proxy cannot listen on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

FaultProxy::~FaultProxy() {
  thread_.request_stop();
  Wake();
  thread_.join();
  for (const Link& link : links_) link.Close(false);
  close(listener_);
  close(wake_);
}

void FaultProxy::Wake() const {
  const std::uint64_t one = 1;
  // It fails only when the thread has been woken already.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
}

void FaultProxy::Set(Way way, const WayFault& fault) {
  {
    const std::lock_guard lock(mutex_);
    faults_[static_cast<std::size_t>(way)] = fault;
  }
  Wake();
}

void FaultProxy::Refuse() {
  const std::lock_guard lock(mutex_);
  refuses_ = true;
}

void FaultProxy::ResetAll() {
  {
    const std::lock_guard lock(mutex_);
    resets_ = true;
  }
  Wake();
}

void FaultProxy::Heal() {
  {
    const std::lock_guard lock(mutex_);
    faults_[0] = faults_[1] = {};
    refuses_ = false;
    trigger_.reset();
  }
  Wake();
}

void FaultProxy::Before(Way way, std::string text, std::function<void()> act) {
  const std::lock_guard lock(mutex_);
  trigger_ = Trigger{way, std::move(text), std::move(act)};
}

void FaultProxy::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) Turn();
}

void FaultProxy::Turn() {
  std::vector<pollfd> waiting = {{.fd = wake_, .events = POLLIN, .revents = 0},
                                 {.fd = listener_, .events = POLLIN, .revents = 0}};
  const auto now = Clock::now();
  milliseconds nap = kLongestNap;
  for (const Link& link : links_) {
    std::array<short, 2> events{};
    for (const Lane& lane : link.lanes) {
      const std::size_t reader = lane.from == link.client() ? 0 : 1;
      if (lane.Reads()) events[reader] |= POLLIN;
      const auto at = lane.PassesAt();
      if (!at) continue;
      if (*at <= now) {
        events[1 - reader] |= POLLOUT;
      } else {
        nap = std::min(nap, std::chrono::ceil<milliseconds>(*at - now));
      }
    }
    waiting.push_back({.fd = link.client(), .events = events[0], .revents = 0});
    waiting.push_back({.fd = link.server(), .events = events[1], .revents = 0});
  }
  // A hang-up is reported whether it is asked for or not: who asks for nothing is left out.
  for (pollfd& one : waiting) {
    if (one.events == 0) one.fd = -1;
  }
  poll(waiting.data(), waiting.size(), static_cast<int>(nap.count()));

  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t woken = read(wake_, &count, sizeof(count));
  bool resets = false;
  WayFault faults[2];
  {
    const std::lock_guard lock(mutex_);
    resets = std::exchange(resets_, false);
    std::copy(std::begin(faults_), std::end(faults_), std::begin(faults));
  }
  std::size_t at = 2;
  for (auto link = links_.begin(); link != links_.end(); at += 2) {
    for (Lane& lane : link->lanes) {
      const WayFault& fault = faults[static_cast<std::size_t>(lane.way)];
      if (fault.cut_after != lane.fault.cut_after) lane.left = fault.cut_after;
      lane.fault = fault;
    }
    const bool lives = !resets && Step(*link, waiting[at].revents, waiting[at + 1].revents);
    if (resets) link->Close(true);
    link = lives ? std::next(link) : links_.erase(link);
  }
  if ((waiting[1].revents & POLLIN) != 0) Accept();
  open_ = links_.size();
}

void FaultProxy::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  bool refuses = false;
  {
    const std::lock_guard lock(mutex_);
    refuses = refuses_ || links_.size() >= kMostLinks;
  }
  const int server = refuses ? -1 : ConnectLoopback(server_port_, std::chrono::seconds(1));
  if (server < 0) return CloseWithReset(client);
  ++accepted_;
  SetUpSocket(client);
  SetUpSocket(server);
  Link& link = links_.emplace_back();
  link.lanes[0].from = link.lanes[1].to = client;
  link.lanes[0].to = link.lanes[1].from = server;
  link.lanes[1].way = Way::kReplies;
}

// False when the connection is over and closed.
bool FaultProxy::Step(Link& link, short client_events, short server_events) {
  constexpr short kReadable = POLLIN | POLLHUP | POLLERR;
  for (Lane& lane : link.lanes) {
    const short events = lane.from == link.client() ? client_events : server_events;
    if ((events & kReadable) != 0 && lane.Reads() && !Fill(link, lane)) return false;
    if (!Drain(link, lane)) return false;
  }
  const auto told = [](const Lane& lane) { return lane.told; };
  const bool given_up = link.IsDead() && link.lanes[0].ended;
  if (!given_up && !std::ranges::all_of(link.lanes, told)) return true;
  link.Close(false);
  return false;
}

bool FaultProxy::Fill(Link& link, Lane& lane) {
  std::array<char, 16384> chunk;
  const ssize_t size = read(lane.from, chunk.data(), chunk.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (size < 0) {
    link.Close(true);
    return false;
  }
  if (size == 0) {
    lane.ended = true;
    return true;
  }
  std::string bytes(chunk.data(), static_cast<std::size_t>(size));
  if (lane.fault.swallows) lane.dead = true;
  if (lane.dead) return true;
  Fire(lane.way, bytes);
  lane.held += bytes.size();
  lane.pieces.push_back({Clock::now() + lane.fault.delay, std::move(bytes)});
  return true;
}

bool FaultProxy::Drain(Link& link, Lane& lane) {
  for (auto at = lane.PassesAt(); at && *at <= Clock::now(); at = lane.PassesAt()) {
    std::string& bytes = lane.pieces.front().bytes;
    std::size_t most = bytes.size();
    if (lane.fault.drip_bytes > 0) most = std::min(most, lane.fault.drip_bytes);
    if (lane.left) most = std::min(most, *lane.left);
    const ssize_t sent = most == 0 ? 0 : send(lane.to, bytes.data(), most, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (sent < 0) {
      link.Close(true);
      return false;
    }
    const auto passed = static_cast<std::size_t>(sent);
    lane.held -= passed;
    bytes.erase(0, passed);
    if (bytes.empty()) lane.pieces.pop_front();
    if (lane.fault.drip_bytes > 0) lane.next_drop = Clock::now() + lane.fault.drip_every;
    if (lane.left) *lane.left -= passed;
    if (lane.left && *lane.left == 0) {
      link.Close(lane.fault.cut_by_reset);
      return false;
    }
  }
  // The server of a dead connection closes it, and the client hears nothing of it.
  if (lane.ended && lane.pieces.empty() && !lane.told && !lane.fault.holds && !link.IsDead()) {
    shutdown(lane.to, SHUT_WR);
    lane.told = true;
  }
  return true;
}

void FaultProxy::Fire(Way way, const std::string& bytes) {
  std::function<void()> act;
  {
    const std::lock_guard lock(mutex_);
    if (!trigger_ || trigger_->way != way || bytes.find(trigger_->text) == std::string::npos)
      return;
    act = std::move(trigger_->act);
    trigger_.reset();
  }
  act();
}

}  // namespace streamgauge::test
