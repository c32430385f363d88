#include "tls/pem.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <memory>
#include <vector>

#include "model/destroy.h"

namespace streamgauge {
namespace {

using Bio = std::unique_ptr<BIO, Destroy<BIO_free>>;
using Certificate = std::unique_ptr<X509, Destroy<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Destroy<EVP_PKEY_free>>;

std::unexpected<Error> Problem(std::string_view key, std::string_view text) {
  ERR_clear_error();
  return std::unexpected(Error{Reason::kUnauthorized, fmt::format("{}: {}", key, text)});
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

}  // namespace

Result<void> UseCertificate(ssl_ctx_st& context, const std::string& pem) {
  const std::vector<Certificate> chain = CertificatesOf(pem);
  if (chain.empty()) return Problem("cert_file", "holds no certificate in PEM");
  if (SSL_CTX_use_certificate(&context, chain.front().get()) != 1) {
    return Problem("cert_file", "OpenSSL refuses the certificate (is its key too short?)");
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(&context, chain[i].get()) != 1) {
      return Problem("cert_file", "OpenSSL refuses a certificate of the chain");
    }
  }
  return {};
}

Result<void> UseKey(ssl_ctx_st& context, const std::string& pem) {
  const Bio reader = Reader(pem);
  const PrivateKey key(PEM_read_bio_PrivateKey(reader.get(), nullptr, NoPassphrase, nullptr));
  if (!key) return Problem("key_file", "holds no private key in PEM, or one with a passphrase");
  if (SSL_CTX_use_PrivateKey(&context, key.get()) != 1) {
    return Problem("key_file", "is not the key of the certificate in cert_file");
  }
  return {};
}

Result<void> TrustAuthorities(ssl_ctx_st& context, std::string_view key, const std::string& pem) {
  const std::vector<Certificate> authorities = CertificatesOf(pem);
  if (authorities.empty()) return Problem(key, "holds no certificate in PEM");
  for (const Certificate& authority : authorities) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), authority.get());
    SSL_CTX_add_client_CA(&context, authority.get());
  }
  return {};
}

}  // namespace streamgauge
