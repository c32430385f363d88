#include "redis/connection.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "model/destroy.h"
#include "redis/reply_error.h"
#include "redis/reply_reader.h"

namespace streamgauge {
namespace {

using Clock = std::chrono::steady_clock;

using Context = std::unique_ptr<redisContext, Destroy<redisFree>>;

class PlainConnection final : public Connection {
 public:
  PlainConnection(Context context, const NodeLogin& login, Traffic& traffic)
      : context_(std::move(context)),
        where_(Describe(login.address)),
        timeout_(login.timeout),
        traffic_(&traffic),
        reader_(login.max_reply_bytes) {}

  Result<void> FinishConnecting(std::stop_token stop);
  Result<void> Exchange(const CommandBatch& batch, const ReplyHandler& handle,
                        std::stop_token stop) override;

 private:
  Error Failure(Reason reason, std::string_view what) const {
    return Error{reason, where_ + ": " + std::string(what)};
  }
  Error Lost() const {
    return Failure(Reason::kUnavailable, "connection lost: " + std::string(context_->errstr));
  }
  void Count(const CommandBatch& batch);
  bool IsReadable() const;
  // Waits until the socket is ready for any of `events`; returns those it is ready for.
  Result<short> Wait(short events, Clock::time_point deadline, std::stop_token stop) const;
  // Reads what has arrived. False at a spurious wake-up.
  Result<bool> Receive();
  // Fails when there are bytes that answer nothing: every later answer would be taken for that to
  // the question before it.
  Result<void> RefuseSurplus(Request asked);
  Error TooLargeOr(Error waited) const;
  bool HasUnsent() const { return unsent_; }
  Result<void> Send();

  Context context_;
  std::string where_;
  Duration timeout_;
  Traffic* traffic_;
  ReplyReader reader_;
  bool unsent_ = false;
};

Result<short> PlainConnection::Wait(short events, Clock::time_point deadline,
                                    std::stop_token stop) const {
  constexpr auto kSlice = std::chrono::milliseconds(100);  // how soon a stop is noticed
  for (;;) {
    if (stop.stop_requested()) {
      return std::unexpected(Failure(Reason::kUnavailable, "stopped while waiting"));
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
      return std::unexpected(Failure(
          Reason::kTimeout, "no answer within " + std::to_string(timeout_.count()) + " ms"));
    }
    pollfd waiting{.fd = context_->fd, .events = events, .revents = 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::min(left, kSlice).count()));
    if (ready > 0) return waiting.revents;
    if (ready < 0 && errno != EINTR) {
      return std::unexpected(Failure(Reason::kUnavailable, std::strerror(errno)));
    }
  }
}

Result<void> PlainConnection::FinishConnecting(std::stop_token stop) {
  const auto ready = Wait(POLLOUT, Clock::now() + timeout_, stop);
  if (!ready) return std::unexpected(ready.error());
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(context_->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) {
    return std::unexpected(
        Failure(Reason::kUnavailable, "cannot connect: " + std::string(std::strerror(error))));
  }
  return {};
}

void PlainConnection::Count(const CommandBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    ++traffic_->requests[static_cast<std::size_t>(batch.request(i))];
  }
  ++traffic_->round_trips;
}

bool PlainConnection::IsReadable() const {
  pollfd now{.fd = context_->fd, .events = POLLIN, .revents = 0};
  return poll(&now, 1, 0) > 0;
}

Result<bool> PlainConnection::Receive() {
  // Not larger: hiredis' parser moves the rest of its buffer to the front after every kilobyte.
  std::array<char, std::size_t{16} << 10> chunk;
  const ssize_t size = context_->funcs->read(context_.get(), chunk.data(), chunk.size());
  if (size < 0) return std::unexpected(Lost());
  if (size == 0) return false;
  traffic_->received_bytes += static_cast<std::uint64_t>(size);
  const auto fed = reader_.Feed({chunk.data(), static_cast<std::size_t>(size)});
  if (!fed) return std::unexpected(Error(fed.error()).In(where_));
  return true;
}

Result<void> PlainConnection::RefuseSurplus(Request asked) {
  if (!reader_.HasBytes()) return {};
  // A server that turns us away, as one with too many clients does, says so without being asked.
  const auto said = reader_.Next(CommandBatch::kKeepAll);
  if (said && *said && (*said)->IsError()) {
    return std::unexpected(ToError((*said)->text(), asked, "").In(where_));
  }
  return std::unexpected(Failure(Reason::kBadReply, "the server said more than it was asked"));
}

// Where much of one reply has come when the time is over, it is too large, and not the server slow:
// who asked for it can do without.
Error PlainConnection::TooLargeOr(Error waited) const {
  constexpr std::size_t kMuch = std::size_t{1} << 20;
  const std::size_t come = reader_.incomplete_bytes();
  if (waited.reason != Reason::kTimeout || come < kMuch) return waited;
  return Failure(Reason::kBadReply, "a reply is too large: " + std::to_string(come >> 20) +
                                        " MiB of it came within " +
                                        std::to_string(timeout_.count()) + " ms");
}

Result<void> PlainConnection::Send() {
  int done = 0;
  if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return std::unexpected(Lost());
  unsent_ = done == 0;
  return {};
}

Result<void> PlainConnection::Exchange(const CommandBatch& batch, const ReplyHandler& handle,
                                       std::stop_token stop) {
  if (IsReadable()) {
    const auto received = Receive();
    if (!received) return std::unexpected(received.error());
  }
  if (auto refused = RefuseSurplus(batch.request(0)); !refused) return refused;
  Count(batch);
  const auto deadline = Clock::now() + timeout_;
  redisAppendFormattedCommand(context_.get(), batch.wire().data(), batch.wire().size());
  unsent_ = true;
  std::size_t answered = 0;
  while (answered < batch.size()) {
    // Reading goes on while we write: a server that waits for us to read would otherwise stop
    // reading what we write, for ever.
    const short wanted = static_cast<short>(HasUnsent() ? POLLIN | POLLOUT : POLLIN);
    const auto ready = Wait(wanted, deadline, stop);
    if (!ready) return std::unexpected(TooLargeOr(ready.error()));
    if ((*ready & POLLOUT) != 0) {
      const auto sent = Send();
      if (!sent) return std::unexpected(sent.error());
    }
    if ((*ready & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    const auto received = Receive();
    if (!received) return std::unexpected(received.error());
    while (answered < batch.size()) {
      const auto reply = reader_.Next(batch.keep_depth(answered));
      if (!reply) return std::unexpected(Error(reply.error()).In(where_));
      if (!*reply) break;
      handle(answered++, **reply);
    }
  }
  return RefuseSurplus(batch.request(0));
}

}  // namespace

Result<std::unique_ptr<Connection>> OpenConnection(const NodeLogin& login, Traffic& traffic,
                                                   std::stop_token stop) {
  if (login.address.tls || !login.address.socket.empty()) {
    return std::unexpected(Error{Reason::kUnsupported, Describe(login.address) +
                                                           ": TLS and Unix sockets are not "
                                                           "supported in this version"});
  }
  redisOptions options{};
  REDIS_OPTIONS_SET_TCP(&options, login.address.host.c_str(), login.address.port);
  options.options |= REDIS_OPT_NONBLOCK;
  Context context(redisConnectWithOptions(&options));
  if (context == nullptr || context->err != 0) {
    const std::string why = context == nullptr ? "out of memory" : context->errstr;
    return std::unexpected(
        Error{Reason::kUnavailable, Describe(login.address) + ": cannot connect: " + why});
  }
  auto connection = std::make_unique<PlainConnection>(std::move(context), login, traffic);
  const auto connected = connection->FinishConnecting(stop);
  if (!connected) return std::unexpected(connected.error());
  return connection;
}

}  // namespace streamgauge
