// The server's side of TLS: an OpenSSL context from certificate and key as they stand in their
// files. Pure: reads no file. A context may be used by any number of threads.
#pragma once

#include <memory>
#include <string>

#include "config/web_config.h"
#include "model/error.h"

struct ssl_ctx_st;

namespace streamgauge {

using TlsContextRef = std::shared_ptr<ssl_ctx_st>;

// The content of the files that a WebTlsConfig names, PEM.
struct TlsFiles {
  std::string cert;  // the server's first, then its chain
  std::string key;
  std::string client_ca;  // empty: clients are not verified
};

// What of the files does not fit; the message begins with the key that names the file
// ("key_file: is not the key of the certificate") and shows nothing of its content.
Result<TlsContextRef> MakeTlsContext(const WebTlsConfig& config, const TlsFiles& files);

// Has every new connection of the server `context` use what `current` returns then, so that
// renewed certificates count from the next connection on. `current` must not be null nor return
// null, and outlive the context.
struct CurrentTlsContext {
  virtual ~CurrentTlsContext() = default;
  virtual TlsContextRef Get() = 0;
};
void FollowTlsContext(ssl_ctx_st* context, CurrentTlsContext& current);

}  // namespace streamgauge
