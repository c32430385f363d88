#include "redis/connection.h"

#include <poll.h>

#include <array>
#include <utility>

#include "redis/reply_error.h"
#include "redis/reply_reader.h"
#include "redis/resolver.h"
#include "redis/transport.h"

namespace streamgauge {
namespace {

class TransportConnection final : public Connection {
 public:
  TransportConnection(std::unique_ptr<Transport> transport, const NodeLogin& login,
                      Traffic& traffic)
      : transport_(std::move(transport)),
        timeout_(login.timeout),
        traffic_(&traffic),
        reader_(login.max_reply_bytes) {}

  bool HasEnded() override;
  Result<void> Exchange(const CommandBatch& batch, const ReplyHandler& handle,
                        std::stop_token stop) override;

 private:
  void Count(const CommandBatch& batch);
  // Reads what has arrived.
  Result<void> Receive();
  // Fails when there are bytes that answer nothing: every later answer would be taken for that to
  // the question before it.
  Result<void> RefuseSurplus(Request asked);
  Error TooLargeOr(Error waited) const;
  // Hands over the answers that are complete; returns how many of the batch are answered now.
  Result<std::size_t> Answer(const CommandBatch& batch, std::size_t answered,
                             const ReplyHandler& handle);

  std::unique_ptr<Transport> transport_;
  Duration timeout_;
  Traffic* traffic_;
  ReplyReader reader_;
};

void TransportConnection::Count(const CommandBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    ++traffic_->requests[static_cast<std::size_t>(batch.request(i))];
  }
  ++traffic_->round_trips;
}

Result<void> TransportConnection::Receive() {
  // Not larger: hiredis' parser moves the rest of its buffer to the front after every kilobyte.
  std::array<char, std::size_t{16} << 10> chunk;
  do {
    const auto bytes = transport_->Receive(chunk);
    if (!bytes) return std::unexpected(bytes.error());
    traffic_->received_bytes += bytes->size();
    const auto fed = reader_.Feed(*bytes);
    if (!fed) return std::unexpected(transport_->Failure(fed.error().reason, fed.error().message));
  } while (transport_->HasPending());
  return {};
}

Result<void> TransportConnection::RefuseSurplus(Request asked) {
  if (reader_.IsIdle()) return {};
  const auto said = reader_.Next(CommandBatch::kKeepAll);
  if (said && !*said && reader_.IsIdle()) return {};
  // A server that turns us away, as one with too many clients does, says so without being asked.
  if (said && *said && (*said)->IsError()) {
    const Error error = ToError((*said)->text(), asked, "");
    return std::unexpected(transport_->Failure(error.reason, error.message));
  }
  return std::unexpected(
      transport_->Failure(Reason::kBadReply, "the server said more than it was asked"));
}

// Where much of one reply has come when the time is over, it is too large, and not the server slow:
// who asked for it can do without.
Error TransportConnection::TooLargeOr(Error waited) const {
  constexpr std::size_t kMuch = std::size_t{1} << 20;
  const std::size_t come = reader_.incomplete_bytes();
  if (waited.reason != Reason::kTimeout || come < kMuch) return waited;
  return transport_->Failure(
      Reason::kBadReply, "a reply is too large: " + std::to_string(come >> 20) +
                             " MiB of it came within " + std::to_string(timeout_.count()) + " ms");
}

bool TransportConnection::HasEnded() { return transport_->IsReadable() && !Receive(); }

Result<std::size_t> TransportConnection::Answer(const CommandBatch& batch, std::size_t answered,
                                                const ReplyHandler& handle) {
  while (answered < batch.size()) {
    const auto reply = reader_.Next(batch.keep_depth(answered));
    if (!reply) {
      return std::unexpected(transport_->Failure(reply.error().reason, reply.error().message));
    }
    if (!*reply) break;
    handle(answered++, **reply);
  }
  return answered;
}

Result<void> TransportConnection::Exchange(const CommandBatch& batch, const ReplyHandler& handle,
                                           std::stop_token stop) {
  const Patience patience(timeout_, std::move(stop));
  bool begun = false;
  bool sent = false;
  std::size_t answered = 0;
  while (answered < batch.size()) {
    // Reading goes on while we write: a server that waits for us to read would otherwise stop
    // reading what we write, for ever.
    const auto ready = transport_->Wait(sent ? POLLIN : POLLIN | POLLOUT, patience);
    if (!ready) return std::unexpected(TooLargeOr(ready.error()));
    // First, as it may tell why writing would fail.
    if ((*ready & (POLLIN | POLLHUP | POLLERR)) != 0) {
      if (auto received = Receive(); !received) return received;
    }
    if (!std::exchange(begun, true)) {
      if (auto refused = RefuseSurplus(batch.request(0)); !refused) return refused;
      Count(batch);
      transport_->Append(batch.wire());
    }
    if (!sent && (*ready & POLLOUT) != 0) {
      const auto done = transport_->Send();
      if (!done) return std::unexpected(done.error());
      sent = *done;
    }
    const auto now_answered = Answer(batch, answered, handle);
    if (!now_answered) return std::unexpected(now_answered.error());
    answered = *now_answered;
  }
  return RefuseSurplus(batch.request(0));
}

}  // namespace

Result<std::unique_ptr<Connection>> OpenConnection(const NodeLogin& login, Traffic& traffic,
                                                   std::stop_token stop) {
  auto transport = Transport::Open(login, SystemResolver(), std::move(stop));
  if (!transport) return std::unexpected(std::move(transport.error()));
  return std::make_unique<TransportConnection>(std::move(*transport), login, traffic);
}

}  // namespace streamgauge
