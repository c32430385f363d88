#include "kafka/connection_error.h"

#include <openssl/x509_vfy.h>

#include <cstdio>

#include "kafka/rd_error.h"

namespace streamgauge::kafka {
namespace {

constexpr std::size_t kMaxText = 400;

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// What stands in a sentence, and what follows from it. The first that fits counts.
struct Sign {
  std::string_view text;
  std::string_view and_text;  // "" for anything
  Reason reason;
  std::string_view advice;
};
constexpr Sign kSigns[] = {
    {"Failed to retrieve OIDC token", "(-1)", Reason::kUnavailable,
     "the token endpoint cannot be reached: check sasl.oauthbearer.token.endpoint.url and, for "
     "https, https.ca.location"},
    {"Failed to retrieve OIDC token", "", Reason::kUnauthorized,
     "the token endpoint gives no token: check sasl.oauthbearer.client.id, its secret and "
     "sasl.oauthbearer.scope"},
    {"Failed to acquire SASL OAUTHBEARER token", "", Reason::kUnauthorized,
     "check what sasl.oauthbearer.token.endpoint.url answers"},
    {"GSSAPI Error", "not found in Kerberos database", Reason::kUnauthorized,
     "the broker's principal is made of sasl.kerberos.service.name and the host that brokers or "
     "advertised.listeners name"},
    {"GSSAPI Error", "Cannot contact any KDC", Reason::kUnavailable,
     "is the KDC up that krb5.conf names, and reached from here?"},
    {"GSSAPI Error", "Clock skew", Reason::kUnavailable, "is this machine's clock right?"},
    {"GSSAPI Error", "credentials", Reason::kUnauthorized,
     "kinit got no ticket, and said why on the agent's standard error: check sasl.kerberos.keytab, "
     "sasl.kerberos.principal and the KDC that krb5.conf names"},
    {"GSSAPI Error", "expired", Reason::kUnauthorized,
     "kinit got no new ticket, and said why on the agent's standard error: check "
     "sasl.kerberos.keytab, sasl.kerberos.principal and the KDC that krb5.conf names"},
    {"No worthy mechs found", "", Reason::kUnsupported,
     "libsasl2's GSSAPI plug-in is not here (Debian: libsasl2-modules-gssapi-mit); the project's "
     "container image has none"},
    {"SASL authentication error", "", Reason::kUnauthorized,
     "check the user, the password or token, and sasl.mechanisms; files of secrets are read again "
     "at the next attempt"},
    {"Unsupported SASL mechanism", "", Reason::kUnauthorized,
     "set sasl.mechanisms to one of these"},
    {"mechanism handshake failed", "", Reason::kUnauthorized,
     "does this listener ask for a log-in at all? Check the port in brokers and security.protocol"},
    {"certificate verify failed", "has expired", Reason::kUnavailable,
     "the broker's certificate has to be renewed, unless this machine's clock is wrong"},
    {"certificate verify failed", "not yet valid", Reason::kUnavailable,
     "is this machine's clock right?"},
    {"certificate verify failed", "mismatch", Reason::kUnavailable,
     "use a name that the certificate bears, in brokers and in the brokers' advertised.listeners; "
     "or set ssl.endpoint.identification.algorithm: none"},
    {"certificate verify failed", "", Reason::kUnavailable,
     "ssl.ca.location must hold the authority that signed the broker's certificate"},
    {"alert number 40", "", Reason::kUnavailable, "no version of TLS or cipher in common"},
    {"alert number 70", "", Reason::kUnavailable, "no version of TLS in common"},
    {"alert number", "", Reason::kUnauthorized,
     "the broker does not accept our certificate, or wants one: check ssl.certificate.location and "
     "ssl.key.location; they are read again at the next attempt"},
    {"SSL handshake failed", "", Reason::kUnavailable,
     "does this listener speak TLS? Check the port in brokers and security.protocol"},
    {"Disconnected", "in state APIVERSION_QUERY", Reason::kUnavailable,
     "does this listener speak TLS? Then set security.protocol to SSL or SASL_SSL"},
    {"Disconnected", "in state UP", Reason::kUnavailable,
     "does this listener ask for a log-in? Then set security.protocol to SASL_SSL or "
     "SASL_PLAINTEXT, and sasl.mechanisms"},
    {"Failed to resolve", "", Reason::kUnavailable,
     "the name is of brokers, or what the broker gives out as advertised.listeners: it must be "
     "known here"},
    {"Connect to", "", Reason::kUnavailable,
     "is it up? The address is of brokers, or what the broker gives out as advertised.listeners: "
     "it must be reached from here"},
};

const Sign* SignIn(std::string_view text) {
  for (const Sign& sign : kSigns) {
    if (Has(text, sign.text) && Has(text, sign.and_text)) return &sign;
  }
  return nullptr;
}

// How long the connection was in which state: not the same twice, and no news.
std::string_view WithoutDuration(std::string_view text) {
  const std::size_t at = text.rfind(" (after ");
  return at == std::string_view::npos ? text : text.substr(0, at);
}

// librdkafka's advice is the same for every reason that there is.
std::string WithVerdict(std::string_view text, std::string_view certificate) {
  constexpr std::string_view kFailed = "SSL handshake failed: ";
  const std::size_t at = text.find(kFailed);
  if (certificate.empty() || at == std::string_view::npos) return std::string(text);
  std::string with(text.substr(0, at + kFailed.size()));
  return with.append("certificate verify failed: ").append(certificate);
}

// Called by librdkafka's threads.
int KeepVerdict(rd_kafka_t* /*handle*/, const char* /*broker*/, std::int32_t /*id*/, int* error,
                int /*depth*/, const char* /*certificate*/, std::size_t /*size*/, char* text,
                std::size_t text_size, void* /*opaque*/) {
  if (*error == X509_V_OK) return 1;
  std::snprintf(text, text_size, "%s", X509_verify_cert_error_string(*error));
  return 0;
}

}  // namespace

Error ConnectionError(rd_kafka_resp_err_t code, std::string_view text,
                      std::string_view certificate) {
  std::string message = WithVerdict(text, certificate);
  const Sign* sign = SignIn(message);
  message = WithoutDuration(message).substr(0, kMaxText);
  if (sign == nullptr) return {ReasonOf(code), std::move(message)};
  message.append("; ").append(sign->advice);
  return {sign->reason, std::move(message)};
}

std::string_view WithoutThread(std::string_view line) {
  constexpr std::string_view kEnd = "]: ";
  if (!line.starts_with("[thrd:")) return line;
  const std::size_t end = line.find(kEnd);
  return end == std::string_view::npos ? line : line.substr(end + kEnd.size());
}

std::string CertificateVerdict(std::string_view line) {
  constexpr std::string_view kBegin = "Certificate (";
  constexpr std::string_view kEnd = ") verification callback failed: ";
  const std::size_t begin = line.find(kBegin);
  const std::size_t end = line.rfind(kEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return "";
  const std::size_t whose = begin + kBegin.size();
  return std::string(line.substr(whose, end - whose)) + ": " +
         std::string(line.substr(end + kEnd.size()));
}

void TellCertificateVerdicts(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_ssl_cert_verify_cb(conf, KeepVerdict);
}

}  // namespace streamgauge::kafka
