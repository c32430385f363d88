#include "redis/transport.h"

#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace streamgauge {
namespace {

using Clock = std::chrono::steady_clock;

// A part of the time, so that an address that does not answer leaves some for the next.
Patience Share(const Patience& patience, std::size_t addresses_left) {
  Patience share = patience;
  const auto now = Clock::now();
  share.deadline = now + (patience.deadline - now) / static_cast<long>(addresses_left);
  share.timeout = std::chrono::ceil<Duration>(share.deadline - now);
  return share;
}

constexpr std::string_view kSpeaksTls =
    "the server speaks TLS on this port, write rediss:// in the address (of a primary behind "
    "sentinels without TLS, sentinel.primary_tls: true)";

std::string_view WordsOf(const redisContext* context) {
  return context == nullptr ? "out of memory" : context->errstr;
}

std::unexpected<Error> NoAnswer(const Patience& patience) {
  return std::unexpected(Error{
      Reason::kTimeout, "no answer within " + std::to_string(patience.timeout.count()) + " ms"});
}

// The events among `events` that have come to the socket.
Result<short> WaitFor(int socket, short events, const Patience& patience) {
  constexpr auto kSlice = std::chrono::milliseconds(100);  // how soon a stop is noticed
  for (;;) {
    if (patience.stop.stop_requested()) {
      return std::unexpected(Error{Reason::kUnavailable, "stopped while waiting"});
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(patience.deadline - Clock::now());
    if (left.count() <= 0) return NoAnswer(patience);
    pollfd waiting{.fd = socket, .events = events, .revents = 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::min(left, kSlice).count()));
    if (ready > 0) return waiting.revents;
    if (ready < 0 && errno != EINTR) {
      return std::unexpected(Error{Reason::kUnavailable, std::strerror(errno)});
    }
  }
}

std::string_view AdviceForSocket(int error) {
  switch (error) {
    case ENOENT:
      return "; is it the server's unixsocket?";
    case EACCES:
      return "; the agent needs the right to write to it (unixsocketperm)";
    case ECONNREFUSED:
      return "; no server listens there";
    default:
      return "";
  }
}

}  // namespace

void Transport::Close::operator()(redisContext* context) const { redisFree(context); }

Transport::Transport(const RedisAddress& address) : where_(Describe(address)) {}
Transport::~Transport() = default;

Result<std::unique_ptr<Transport>> Transport::Open(const NodeLogin& login, Resolver& resolver,
                                                   std::stop_token stop) {
  const Patience patience(login.timeout, std::move(stop));
  const RedisAddress& address = login.address;
  std::unique_ptr<Transport> transport(new Transport(address));
  auto done = transport->Connect(address, resolver, patience);
  if (done && address.tls) done = transport->StartTls(login.tls, address.host, patience);
  if (!done) return std::unexpected(std::move(done.error()));
  return transport;
}

Error Transport::Failure(Reason reason, std::string_view what) const {
  return Error{reason, where_ + ": " + std::string(what)};
}

Result<void> Transport::Connect(const RedisAddress& address, Resolver& resolver,
                                const Patience& patience) {
  if (!address.socket.empty()) return ConnectSocket(address.socket);
  const auto ips = resolver.Resolve(address.host, patience.deadline, patience.stop);
  if (!ips) return std::unexpected(Error(ips.error()).In(where_));
  Error failure;
  for (std::size_t i = 0; i < ips->size(); ++i) {
    const std::string& ip = (*ips)[i];
    auto connected = ConnectTcp(ip, address.port, Share(patience, ips->size() - i));
    if (connected) return {};
    failure.reason = connected.error().reason;
    if (!failure.message.empty()) failure.message += "; ";
    if (ip != address.host) failure.message += ip + ": ";
    failure.message += connected.error().message;
  }
  return std::unexpected(std::move(failure).In(where_ + ": cannot connect"));
}

Result<void> Transport::ConnectSocket(const std::string& path) {
  redisOptions options{};
  REDIS_OPTIONS_SET_UNIX(&options, path.c_str());
  options.options |= REDIS_OPT_NONBLOCK;
  errno = 0;
  context_.reset(redisConnectWithOptions(&options));
  const int error = errno;
  if (context_ != nullptr && context_->err == 0) return {};
  return std::unexpected(
      Failure(Reason::kUnavailable, "cannot connect: " + std::string(WordsOf(context_.get())) +
                                        std::string(AdviceForSocket(error))));
}

Result<void> Transport::ConnectTcp(const std::string& ip, std::uint16_t port,
                                   const Patience& patience) {
  redisOptions options{};
  REDIS_OPTIONS_SET_TCP(&options, ip.c_str(), port);
  options.options |= REDIS_OPT_NONBLOCK;
  context_.reset(redisConnectWithOptions(&options));
  if (context_ == nullptr || context_->err != 0) {
    return std::unexpected(Error{Reason::kUnavailable, std::string(WordsOf(context_.get()))});
  }
  const auto ready = WaitFor(context_->fd, POLLOUT, patience);
  if (!ready) return std::unexpected(ready.error());
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(context_->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return {};
  return std::unexpected(Error{Reason::kUnavailable, std::strerror(error)});
}

Result<void> Transport::StartTls(const TlsClientConfig& config, const std::string& host,
                                 const Patience& patience) {
  const auto tls_context = MakeTlsClientContext(config);
  if (!tls_context) return std::unexpected(Error(tls_context.error()).In(where_));
  auto session =
      TlsSession::Make(*tls_context, config.server_name.empty() ? host : config.server_name);
  if (!session) return std::unexpected(std::move(session.error()).In(where_));
  tls_ = std::move(*session);
  const bool begun = redisInitiateSSL(context_.get(), tls_->ssl()) == REDIS_OK;
  if (!begun) return std::unexpected(tls_->WhyEnded(WordsOf(context_.get())).In(where_));
  tls_->GiveAway();
  for (;;) {
    const auto wanted = tls_->Handshake();
    if (!wanted) return std::unexpected(Error(wanted.error()).In(where_));
    if (*wanted == 0) return {};
    const auto ready = WaitFor(context_->fd, *wanted, patience);
    if (ready) continue;
    Error error = Error(ready.error()).In(where_ + ": TLS handshake");
    // A server without TLS waits for the rest of what it takes for a command.
    if (error.reason == Reason::kTimeout) error.message += "; does it speak TLS on this port?";
    return std::unexpected(std::move(error));
  }
}

Result<short> Transport::Wait(short events, const Patience& patience) const {
  auto ready = WaitFor(context_->fd, events, patience);
  if (!ready) return std::unexpected(std::move(ready.error()).In(where_));
  return ready;
}

bool Transport::HasPending() const { return tls_ != nullptr && SSL_pending(tls_->ssl()) > 0; }

bool Transport::IsReadable() const {
  if (HasPending()) return true;
  pollfd now{.fd = context_->fd, .events = POLLIN, .revents = 0};
  return poll(&now, 1, 0) > 0;
}

Result<std::string_view> Transport::Receive(std::span<char> buffer) {
  ERR_clear_error();  // OpenSSL would take what others left for its own
  const ssize_t size = context_->funcs->read(context_.get(), buffer.data(), buffer.size());
  if (size < 0) return std::unexpected(Lost());
  constexpr char kTlsAlert = 0x15;  // the first byte of such a record, and of no reply
  if (size > 0 && !heard_ && tls_ == nullptr && buffer[0] == kTlsAlert) {
    return std::unexpected(Failure(Reason::kUnavailable, kSpeaksTls));
  }
  heard_ = heard_ || size > 0;
  return std::string_view(buffer.data(), static_cast<std::size_t>(size));
}

void Transport::Append(std::string_view bytes) {
  redisAppendFormattedCommand(context_.get(), bytes.data(), bytes.size());
}

Result<bool> Transport::Send() {
  ERR_clear_error();
  int done = 0;
  if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return std::unexpected(Lost());
  return done != 0;
}

Error Transport::Lost() const {
  std::string words = "connection lost: " + std::string(WordsOf(context_.get()));
  if (tls_ != nullptr) return tls_->WhyEnded(words, heard_).In(where_);
  const bool tcp = context_->connection_type == REDIS_CONN_TCP;
  if (tcp && !heard_) words += "; if " + std::string(kSpeaksTls);
  return Failure(Reason::kUnavailable, words);
}

}  // namespace streamgauge
