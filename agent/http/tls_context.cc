#include "http/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <string_view>
#include <vector>

#include "model/destroy.h"

namespace streamgauge {
namespace {

using Bio = std::unique_ptr<BIO, Destroy<BIO_free>>;
using Certificate = std::unique_ptr<X509, Destroy<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Destroy<EVP_PKEY_free>>;

std::unexpected<Error> Problem(std::string_view key, std::string_view text) {
  ERR_clear_error();
  return std::unexpected(Error{Reason::kUnsupported, fmt::format("{}: {}", key, text)});
}

Bio Reader(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Without it OpenSSL would ask on the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

// As far as they can be read.
std::vector<Certificate> CertificatesOf(const std::string& pem) {
  const Bio reader = Reader(pem);
  std::vector<Certificate> certificates;
  while (X509* next = PEM_read_bio_X509(reader.get(), nullptr, NoPassphrase, nullptr)) {
    certificates.emplace_back(next);
  }
  ERR_clear_error();  // of the end of the file
  return certificates;
}

Result<void> UseCertificates(SSL_CTX* context, const std::string& pem) {
  const std::vector<Certificate> chain = CertificatesOf(pem);
  if (chain.empty()) return Problem("cert_file", "holds no certificate in PEM");
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) {
    return Problem("cert_file", "OpenSSL refuses the certificate (is its key too short?)");
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) {
      return Problem("cert_file", "OpenSSL refuses a certificate of the chain");
    }
  }
  return {};
}

Result<void> UseKey(SSL_CTX* context, const std::string& pem) {
  const Bio reader = Reader(pem);
  const PrivateKey key(PEM_read_bio_PrivateKey(reader.get(), nullptr, NoPassphrase, nullptr));
  if (!key) return Problem("key_file", "holds no private key in PEM, or one with a passphrase");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return Problem("key_file", "is not the key of the certificate in cert_file");
  }
  return {};
}

Result<void> VerifyClients(SSL_CTX* context, ClientAuth auth, const std::string& pem) {
  if (auth == ClientAuth::kNone) return {};
  const std::vector<Certificate> authorities = CertificatesOf(pem);
  if (authorities.empty()) return Problem("client_ca_file", "holds no certificate in PEM");
  for (const Certificate& authority : authorities) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
    SSL_CTX_add_client_CA(context, authority.get());
  }
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
  if (!context) return Problem("tls_server_config", "OpenSSL has no memory for it");
  SSL_CTX_set_min_proto_version(context.get(), Number(config.min_version));
  SSL_CTX_set_max_proto_version(context.get(), Number(config.max_version));
  if (auto used = UseCertificates(context.get(), files.cert); !used) {
    return std::unexpected(std::move(used.error()));
  }
  if (auto used = UseKey(context.get(), files.key); !used) {
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
