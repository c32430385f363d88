// An open, non-blocking way to one node: TCP, TLS or a Unix socket. Owned by one connection, used
// by one thread at a time. Errors name the node.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "model/error.h"
#include "model/time.h"
#include "redis/connection.h"
#include "redis/resolver.h"
#include "tls/client.h"

struct redisContext;  // NOLINT(readability-identifier-naming): hiredis' own

namespace streamgauge {

// How long something may take.
struct Patience {
  Patience(Duration for_all, std::stop_token stop_on)
      : deadline(std::chrono::steady_clock::now() + for_all),
        timeout(for_all),
        stop(std::move(stop_on)) {}

  SteadyTime deadline;
  Duration timeout;  // as the words about it say
  std::stop_token stop;
};

class Transport {
 public:
  // Looks the name up, tries its addresses one after the other, and shakes hands where the address
  // has TLS, all within the login's timeout. kUnavailable, kTimeout; kUnauthorized where the server
  // wants a certificate of us, or our files are unusable.
  static Result<std::unique_ptr<Transport>> Open(const NodeLogin& login, Resolver& resolver,
                                                 std::stop_token stop);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // The events of poll() among `events` that have come.
  Result<short> Wait(short events, const Patience& patience) const;
  // True when there is something to receive that poll() knows nothing of: TLS has it already.
  bool HasPending() const;
  // True when Receive would not have to wait.
  bool IsReadable() const;
  // What has arrived; empty at a spurious wake-up.
  Result<std::string_view> Receive(std::span<char> buffer);
  void Append(std::string_view bytes);
  // Sends what was appended, as far as that is possible without waiting. True when all is gone.
  Result<bool> Send();

  Error Failure(Reason reason, std::string_view what) const;

 private:
  struct Close {
    void operator()(redisContext* context) const;
  };
  using Context = std::unique_ptr<redisContext, Close>;

  explicit Transport(const RedisAddress& address);

  Result<void> Connect(const RedisAddress& address, Resolver& resolver, const Patience& patience);
  Result<void> ConnectSocket(const std::string& path);
  Result<void> ConnectTcp(const std::string& ip, std::uint16_t port, const Patience& patience);
  Result<void> StartTls(const TlsClientConfig& config, const std::string& host,
                        const Patience& patience);
  Error Lost() const;

  std::string where_;
  bool heard_ = false;               // the server has said something (within TLS, where there is)
  std::unique_ptr<TlsSession> tls_;  // null without TLS
  Context context_;                  // last: it uses what is above
};

}  // namespace streamgauge
