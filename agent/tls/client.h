// Our side of TLS to a server: who it must be, who we are, and words for what goes wrong. The bytes
// are moved by whoever owns the connection.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "config/config.h"
#include "model/error.h"

struct ssl_ctx_st;
struct ssl_st;

namespace streamgauge {

using TlsClientContext = std::shared_ptr<ssl_ctx_st>;

// A context with the files as they stand now: TLS 1.2 or later, and the server's certificate is
// verified unless the configuration says otherwise. kUnauthorized when a file cannot be read or
// does not fit; the message names its key ("tls.ca_file: ...") and shows nothing of its content.
Result<TlsClientContext> MakeTlsClientContext(const TlsClientConfig& config);

// The TLS of one connection. Used by one thread at a time; outlives the use of its ssl().
class TlsSession {
 public:
  // `name` is what the server's certificate must bear: a host name or an IP address. Names are sent
  // to the server too (SNI).
  static Result<std::unique_ptr<TlsSession>> Make(const TlsClientContext& context,
                                                  std::string_view name);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  ssl_st* ssl() const { return ssl_; }
  void GiveAway() { owned_ = false; }  // somebody else frees ssl() from now on

  // Goes on with the handshake as far as that is possible without waiting: the events of poll() to
  // wait for before the next call, 0 when it is done. REQUIRES: ssl() has its socket. Errors say
  // what to do about them; kUnauthorized where the server wants another certificate of us.
  Result<short> Handshake();
  // Why reading or writing failed, as far as TLS knows; `otherwise` (kUnavailable) if it does not.
  // A server may refuse our certificate only after the handshake (TLS 1.3): `heard` is false as
  // long as it has said nothing since.
  Error WhyEnded(std::string_view otherwise, bool heard = true) const;
  const std::string& name() const { return name_; }

  // Called by OpenSSL's callbacks.
  void NoteRequest() { certificate_requested_ = true; }
  void NoteProblem(std::string problem);

 private:
  TlsSession(ssl_st* ssl, std::string name) : ssl_(ssl), name_(std::move(name)) {}

  ssl_st* ssl_;
  bool owned_ = true;
  std::string name_;
  bool certificate_requested_ = false;
  std::string problem_;  // with the server's certificate; empty: none
};

}  // namespace streamgauge
