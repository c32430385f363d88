// The web configuration file: TLS and passwords for the agent's own door, in the format of
// Prometheus' exporter toolkit
// (github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md). Plain data and a
// pure parser; nothing but the text is read.
//
// What the toolkit knows and this agent does not do is a problem, never passed over: a door that is
// less closed than its file says would be worse than none.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "config/problem.h"

namespace streamgauge {

enum class ClientAuth : std::uint8_t {
  kNone,             // NoClientCert
  kVerifyIfGiven,    // VerifyClientCertIfGiven
  kRequireVerified,  // RequireAndVerifyClientCert
};
enum class TlsVersion : std::uint8_t { kTls12, kTls13 };

struct WebTlsConfig {
  std::filesystem::path cert_file;  // PEM, with the chain
  std::filesystem::path key_file;   // PEM
  ClientAuth client_auth = ClientAuth::kNone;
  std::filesystem::path client_ca_file;  // given exactly where client_auth verifies
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  bool operator==(const WebTlsConfig&) const = default;
};

struct WebConfig {
  std::optional<WebTlsConfig> tls;           // absent: plain HTTP
  std::map<std::string, std::string> users;  // name -> bcrypt hash; empty: no password is asked for
  std::map<std::string, std::string> headers;  // added to every answer
  bool operator==(const WebConfig&) const = default;
};

// `file` is what problems name, and where relative paths start. No problem shows a hash.
std::expected<WebConfig, ConfigProblems> ParseWebConfig(const std::string& text,
                                                        const std::filesystem::path& file);

}  // namespace streamgauge
