#include "http/tls_context.h"

#include <openssl/ssl.h>

#include "model/destroy.h"
#include "tls/pem.h"

namespace streamgauge {
namespace {

Result<void> VerifyClients(SSL_CTX* context, ClientAuth auth, const std::string& pem) {
  if (auth == ClientAuth::kNone) return {};
  if (auto trusted = TrustAuthorities(*context, "client_ca_file", pem); !trusted) return trusted;
  int mode = SSL_VERIFY_PEER;
  if (auth == ClientAuth::kRequireVerified) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, nullptr);
  return {};
}

int Number(TlsVersion version) {
  return version == TlsVersion::kTls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

// Taking another context for a connection brings its certificates; the rest has to be told.
int TakeCurrent(SSL* connection, int*, void* argument) {
  const TlsContextRef current = static_cast<CurrentTlsContext*>(argument)->Get();
  if (SSL_set_SSL_CTX(connection, current.get()) == nullptr) return SSL_CLIENT_HELLO_ERROR;
  SSL_set_verify(connection, SSL_CTX_get_verify_mode(current.get()), nullptr);
  SSL_set_min_proto_version(connection,
                            static_cast<int>(SSL_CTX_get_min_proto_version(current.get())));
  SSL_set_max_proto_version(connection,
                            static_cast<int>(SSL_CTX_get_max_proto_version(current.get())));
  return SSL_CLIENT_HELLO_SUCCESS;
}

}  // namespace

Result<TlsContextRef> MakeTlsContext(const WebTlsConfig& config, const TlsFiles& files) {
  TlsContextRef context(SSL_CTX_new(TLS_server_method()), Destroy<SSL_CTX_free>());
  if (!context) {
    return std::unexpected(
        Error{Reason::kUnavailable, "tls_server_config: OpenSSL has no memory for it"});
  }
  SSL_CTX_set_min_proto_version(context.get(), Number(config.min_version));
  SSL_CTX_set_max_proto_version(context.get(), Number(config.max_version));
  if (auto used = UseCertificate(*context, files.cert); !used) {
    return std::unexpected(std::move(used.error()));
  }
  if (auto used = UseKey(*context, files.key); !used) {
    return std::unexpected(std::move(used.error()));
  }
  if (auto used = VerifyClients(context.get(), config.client_auth, files.client_ca); !used) {
    return std::unexpected(std::move(used.error()));
  }
  return context;
}

void FollowTlsContext(ssl_ctx_st* context, CurrentTlsContext& current) {
  // A resumed session would be one of another context, and its client was verified by that.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_client_hello_cb(context, TakeCurrent, &current);
}

}  // namespace streamgauge
