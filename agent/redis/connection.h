// A connection to one Redis node: the seam between what is asked and how it gets there (TCP, TLS or
// a Unix socket).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "config/config.h"
#include "config/redis_url.h"
#include "config/secret.h"
#include "model/error.h"
#include "model/time.h"
#include "redis/command_batch.h"
#include "redis/reply.h"

namespace streamgauge {

// Used by one thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;

  // True when the other side has gone since the last exchange: another connection is needed.
  virtual bool HasEnded() { return false; }

  using ReplyHandler = std::function<void(std::size_t command, const Reply& reply)>;

  // Sends the batch in one burst and hands over each reply as it arrives, in order; error replies
  // are replies. kTimeout when the batch takes longer than the connection's timeout; kUnavailable
  // when the connection is lost or `stop` was requested (noticed within about 100 ms); kBadReply
  // when the bytes make no sense, a reply is too large (also for the time there is), or there is
  // more than was asked for. After an error the connection is of no use, and the replies handed
  // over so far stand.
  virtual Result<void> Exchange(const CommandBatch& batch, const ReplyHandler& handle,
                                std::stop_token stop) = 0;
};

// A node, and how to introduce ourselves to it.
struct NodeLogin {
  RedisAddress address;
  std::string username;  // empty: the default user
  Secret password;       // neither: no AUTH; read again by whoever connects
  TlsClientConfig tls;   // counts if address.tls; its files are read again by whoever connects
  Duration timeout{};
  bool wants_version = true;  // INFO, at log-in
  std::size_t max_reply_bytes = std::size_t{64} << 20;
};

// Opens the transport only (no AUTH): handshake.h does the rest. Looking the name up, connecting
// and shaking hands by TLS together take at most the login's timeout. Traffic is counted into
// `traffic`, which must outlive the connection. REQUIRES: SIGPIPE is ignored by the process.
using ConnectionFactory = std::function<Result<std::unique_ptr<Connection>>(
    const NodeLogin& login, Traffic& traffic, std::stop_token stop)>;

Result<std::unique_ptr<Connection>> OpenConnection(const NodeLogin& login, Traffic& traffic,
                                                   std::stop_token stop);

}  // namespace streamgauge
