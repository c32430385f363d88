#include "config/web_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "config/section.h"

namespace streamgauge {
namespace {

void ReadVersions(Section& section, WebTlsConfig& tls) {
  static constexpr std::array<std::pair<std::string_view, TlsVersion>, 2> kVersions = {
      {{"TLS12", TlsVersion::kTls12}, {"TLS13", TlsVersion::kTls13}}};
  section.Read("min_version", tls.min_version, Choices<TlsVersion>(kVersions));
  section.Read("max_version", tls.max_version, Choices<TlsVersion>(kVersions));
  if (tls.max_version < tls.min_version) section.Fail("max_version", "is below min_version");
}

void ReadClientAuth(Section& section, WebTlsConfig& tls) {
  static constexpr std::array<std::pair<std::string_view, ClientAuth>, 3> kKinds = {
      {{"NoClientCert", ClientAuth::kNone},
       {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
       {"RequireAndVerifyClientCert", ClientAuth::kRequireVerified}}};
  section.Read("client_auth_type", tls.client_auth, Choices<ClientAuth>(kKinds));
  section.ReadPath("client_ca_file", tls.client_ca_file);
  if (!section.IsSound("client_auth_type")) return;
  const bool verifies = tls.client_auth != ClientAuth::kNone;
  if (verifies && tls.client_ca_file.empty()) {
    section.Require("client_ca_file", "whose clients to let in");
  } else if (!verifies && !tls.client_ca_file.empty()) {
    section.Fail("client_ca_file",
                 "lets nobody in or out without client_auth_type: RequireAndVerifyClientCert");
  }
}

void RefuseUnsupported(Section& section) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kKeys = {
      {{"cert", "put the certificate into a file and name it in cert_file"},
       {"key", "put the key into a file and name it in key_file"},
       {"client_ca", "put the certificates into a file and name it in client_ca_file"},
       {"client_allowed_sans", "give clients certificates of a CA of their own"},
       {"cipher_suites", "leave it out; OpenSSL's defaults for the version are used"},
       {"curve_preferences", "leave it out; OpenSSL's defaults are used"}}};
  for (const auto& [key, advice] : kKeys) {
    if (section.Given(key)) section.Fail(key, fmt::format("is not supported here: {}", advice));
  }
}

std::optional<WebTlsConfig> ReadTls(Section section) {
  WebTlsConfig tls;
  section.ReadPath("cert_file", tls.cert_file);
  section.ReadPath("key_file", tls.key_file);
  if (tls.cert_file.empty()) section.Require("cert_file", "the server's certificate");
  if (tls.key_file.empty()) section.Require("key_file", "the certificate's private key");
  ReadClientAuth(section, tls);
  ReadVersions(section, tls);
  RefuseUnsupported(section);
  bool ignored = true;  // the toolkit ignores it, too
  section.Read("prefer_server_cipher_suites", ignored);
  section.Finish();
  return tls;
}

// $2y$10$ and 53 characters of bcrypt's own alphabet.
bool IsBcryptHash(std::string_view hash) {
  constexpr std::string_view kDigits = "0123456789";
  constexpr std::string_view kAlphabet =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return hash.size() == 60 && hash.starts_with("$2") &&
         std::string_view("aby").find(hash[2]) != std::string_view::npos && hash[3] == '$' &&
         kDigits.find(hash[4]) != std::string_view::npos &&
         kDigits.find(hash[5]) != std::string_view::npos && hash[6] == '$' &&
         hash.substr(7).find_first_not_of(kAlphabet) == std::string_view::npos;
}

// 2 to the power of the cost rounds for every wrong password: at 15 about two seconds.
bool CostIsBearable(std::string_view hash) {
  const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  return cost >= 4 && cost <= 15;
}

void ReadUsers(Section section, std::map<std::string, std::string>& users) {
  for (auto& [name, hash] : section.RemainingTexts()) {
    if (name.find(':') != std::string::npos) {
      section.Fail(hash, "a user's name cannot hold a colon");
    } else if (!IsBcryptHash(hash.text)) {
      section.Fail(hash, "is no bcrypt hash (try: htpasswd -nBC 10 \"\" | tr -d ':\\n')");
    } else if (!CostIsBearable(hash.text)) {
      section.Fail(hash, "has a cost that is not in 4 to 15 (10 is usual)");
    } else {
      users.emplace(std::move(name), std::move(hash.text));
    }
  }
}

void ReadHeaders(Section section, std::map<std::string, std::string>& headers) {
  // Those that the toolkit allows.
  for (const char* name : {"Content-Security-Policy", "Strict-Transport-Security",
                           "X-Content-Type-Options", "X-Frame-Options", "X-XSS-Protection"}) {
    const auto value = section.Text(name);
    if (!value) continue;
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::ranges::any_of(value->text, is_control)) {
      section.Fail(*value, "cannot hold a line end or another control character");
    }
    headers.emplace(name, value->text);
  }
  section.Finish();
}

void ReadServer(Section section, WebConfig& config) {
  bool ignored = false;  // HTTP/1.1 is what is served; every client of HTTP/2 speaks it
  section.Read("http2", ignored);
  ReadHeaders(section.Child("headers"), config.headers);
  section.Finish();
}

}  // namespace

std::expected<WebConfig, ConfigProblems> ParseWebConfig(const std::string& text,
                                                        const std::filesystem::path& file) {
  auto document = ParseYaml(text, file.string());
  if (!document) return std::unexpected(std::move(document.error()));
  ConfigScope scope{.file = file.string(),
                    .folder = file.parent_path(),
                    .environment = [](const std::string&) { return std::nullopt; },
                    .check_properties = nullptr,
                    .problems = std::move(document->problems),
                    .known_keys = {}};
  WebConfig config;
  Section root(scope, document->root, document->root->line, "");
  if (root.Given("tls_server_config")) config.tls = ReadTls(root.Child("tls_server_config"));
  ReadUsers(root.Child("basic_auth_users"), config.users);
  ReadServer(root.Child("http_server_config"), config);
  root.Finish();
  if (scope.problems.empty()) return config;
  std::ranges::stable_sort(scope.problems, {}, &ConfigProblem::line);
  return std::unexpected(std::move(scope.problems));
}

}  // namespace streamgauge
