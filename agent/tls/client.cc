#include "tls/client.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "config/read_file.h"
#include "model/destroy.h"
#include "tls/pem.h"
#include "tls/server_certificate.h"

namespace streamgauge {
namespace {

constexpr std::string_view kWantsCertificate =
    "the server wants a client certificate: set tls.cert_file and tls.key_file";

struct Meaning {
  int code;
  Reason reason;
  std::string_view words;
};
// Of OpenSSL's error codes; most are alerts, with which the server tells why it ends things.
constexpr auto kMeanings = std::to_array<Meaning>({
    {SSL_R_WRONG_VERSION_NUMBER, Reason::kUnavailable,
     "the server does not speak TLS on this port"},
    {SSL_R_PACKET_LENGTH_TOO_LONG, Reason::kUnavailable,
     "the server does not speak TLS on this port"},
    {SSL_R_UNSUPPORTED_PROTOCOL, Reason::kUnavailable, "the server speaks only TLS older than 1.2"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, Reason::kUnavailable,
     "the server and we have no version of TLS in common (ours are 1.2 and 1.3)"},
    {SSL_R_TLSV1_UNRECOGNIZED_NAME, Reason::kUnavailable,
     "the server does not go by this name: set tls.server_name"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, Reason::kUnauthorized, kWantsCertificate},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, Reason::kUnauthorized,
     "the server does not know the authority of our certificate (tls.cert_file)"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, Reason::kUnauthorized,
     "our certificate (tls.cert_file) has expired: renew it"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, Reason::kUnauthorized,
     "our certificate (tls.cert_file) is revoked"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, Reason::kUnauthorized,
     "the server refuses our certificate (tls.cert_file)"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, Reason::kUnauthorized,
     "the server refuses our certificate (tls.cert_file): is it one for clients?"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, Reason::kUnauthorized,
     "the server refuses our certificate (tls.cert_file)"},
});

std::unexpected<Error> Unusable(std::string_view key, std::string text) {
  return std::unexpected(
      Error{Reason::kUnauthorized, "tls." + std::string(key) + ": " + std::move(text)});
}

Result<void> InSection(Result<void> used) {
  if (!used) used.error().message.insert(0, "tls.");
  return used;
}

Result<std::string> ReadPem(std::string_view key, const std::filesystem::path& file) {
  auto content = ReadFile(file);
  if (!content) return Unusable(key, file.string() + ": " + content.error());
  return std::move(*content);
}

Result<void> UseAuthorities(ssl_ctx_st& context, const std::filesystem::path& file) {
  if (file.empty()) {
    if (SSL_CTX_set_default_verify_paths(&context) == 1) return {};
    return Unusable("ca_file", "is not given, and the system's authorities cannot be read");
  }
  const auto pem = ReadPem("ca_file", file);
  if (!pem) return std::unexpected(pem.error());
  return InSection(TrustAuthorities(context, "ca_file", *pem));
}

Result<void> UseIdentity(ssl_ctx_st& context, const TlsClientConfig& config) {
  if (config.cert_file.empty()) return {};
  const auto cert = ReadPem("cert_file", config.cert_file);
  if (!cert) return std::unexpected(cert.error());
  const auto key = ReadPem("key_file", config.key_file);
  if (!key) return std::unexpected(key.error());
  if (auto used = InSection(UseCertificate(context, *cert)); !used) return used;
  return InSection(UseKey(context, *key));
}

std::string ReasonWords(unsigned long code) {
  const char* const words = ERR_reason_error_string(code);
  return words == nullptr ? "error " + std::to_string(code) : words;
}

TlsSession& SessionOf(SSL* ssl) { return *static_cast<TlsSession*>(SSL_get_app_data(ssl)); }

int OnVerified(int is_good, X509_STORE_CTX* store) {
  if (is_good == 1) return 1;
  const int index = SSL_get_ex_data_X509_STORE_CTX_idx();
  auto& session = SessionOf(static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, index)));
  session.NoteProblem(DescribeCertificateProblem(
      X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_current_cert(store), session.name()));
  return 0;
}

int OnCertificateRequest(SSL* ssl, void*) {
  SessionOf(ssl).NoteRequest();
  return 1;  // what the context has, if anything, is sent
}

// "redis.prod.svc." and "fe80::1%eth0" are places; certificates bear them without these ends.
std::string AsInCertificates(std::string_view name) {
  name = name.substr(0, name.find('%'));
  if (name.ends_with('.')) name.remove_suffix(1);
  return std::string(name);
}

bool IsIpAddress(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

bool Expect(SSL* ssl, const std::string& name) {
  if (IsIpAddress(name)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // The macro's cast is OpenSSL's own.
  return SSL_set1_host(ssl, name.c_str()) == 1 &&
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(name.c_str())) == 1;
}

}  // namespace

Result<TlsClientContext> MakeTlsClientContext(const TlsClientConfig& config) {
  TlsClientContext context(SSL_CTX_new(TLS_client_method()), Destroy<SSL_CTX_free>());
  if (!context) return std::unexpected(Error{Reason::kUnavailable, "tls: out of memory"});
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // Replies tell where they end: a connection that is cut off misleads nobody.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_cert_cb(context.get(), OnCertificateRequest, nullptr);
  if (config.insecure_skip_verify) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  } else {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, OnVerified);
    if (auto used = UseAuthorities(*context, config.ca_file); !used) {
      return std::unexpected(std::move(used.error()));
    }
  }
  if (auto used = UseIdentity(*context, config); !used) {
    return std::unexpected(std::move(used.error()));
  }
  return context;
}

Result<std::unique_ptr<TlsSession>> TlsSession::Make(const TlsClientContext& context,
                                                     std::string_view name) {
  std::unique_ptr<TlsSession> session(
      new TlsSession(SSL_new(context.get()), AsInCertificates(name)));
  if (session->ssl_ == nullptr || !Expect(session->ssl_, session->name_)) {
    ERR_clear_error();
    return std::unexpected(
        Error{Reason::kUnavailable, "tls: " + session->name_ + " is no name for a certificate"});
  }
  SSL_set_app_data(session->ssl_, session.get());
  return session;
}

TlsSession::~TlsSession() {
  if (owned_) SSL_free(ssl_);
}

Result<short> TlsSession::Handshake() {
  ERR_clear_error();
  const int result = SSL_connect(ssl_);
  if (result == 1) return short{0};
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return short{POLLIN};
    case SSL_ERROR_WANT_WRITE:
      return short{POLLOUT};
    default:
      return std::unexpected(
          WhyEnded("the server ended the TLS handshake; does it speak TLS on this port?"));
  }
}

Error TlsSession::WhyEnded(std::string_view otherwise, bool heard) const {
  if (!problem_.empty()) return Error{Reason::kUnavailable, problem_};
  const unsigned long code = ERR_peek_error();
  const int number = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
  const bool owes_certificate = certificate_requested_ && SSL_get_certificate(ssl_) == nullptr;
  // TLS 1.2 has one alert for this and many other things; of TLS 1.3 the alert may be lost.
  const bool vague = number == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE || (number == 0 && !heard);
  if (vague && owes_certificate) return {Reason::kUnauthorized, std::string(kWantsCertificate)};
  const auto meaning = std::ranges::find(kMeanings, number, &Meaning::code);
  if (meaning != kMeanings.end()) return {meaning->reason, std::string(meaning->words)};
  if (number != 0) return {Reason::kUnavailable, "TLS: " + ReasonWords(code)};
  std::string words(otherwise);
  if (!heard && certificate_requested_) {
    words += "; it may have refused our certificate (tls.cert_file)";
  }
  return {Reason::kUnavailable, std::move(words)};
}

void TlsSession::NoteProblem(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
}

}  // namespace streamgauge
