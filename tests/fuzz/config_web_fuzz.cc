// Whatever is in the web configuration: what is accepted closes the door as it says and cannot
// break an answer, and no problem shows a hash.
#include <algorithm>
#include <string>

#include "config/web_config.h"
#include "fuzz/fuzzer.h"

namespace streamgauge {
namespace {

using test::Require;

bool IsPrintable(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

void CheckConfig(const WebConfig& config) {
  for (const auto& [name, hash] : config.users) {
    Require(name.find(':') == std::string::npos, "a user can be sent", name);
    Require(hash.size() == 60 && hash.starts_with("$2"), "a hash is one of bcrypt's", hash);
    Require(hash.substr(4, 2) >= "04" && hash.substr(4, 2) <= "15", "a hash is cheap enough", hash);
  }
  for (const auto& [name, value] : config.headers) {
    Require(IsPrintable(name) && IsPrintable(value), "a header is one line", value);
  }
  if (!config.tls) return;
  const WebTlsConfig& tls = *config.tls;
  Require(!tls.cert_file.empty() && !tls.key_file.empty(), "TLS has a certificate and its key");
  Require((tls.client_auth == ClientAuth::kNone) == tls.client_ca_file.empty(),
          "clients are verified exactly where there is an authority");
  Require(tls.min_version <= tls.max_version, "a version is left");
}

// A password or hash that an operator has written where a hash belongs.
void CheckHidden(const std::string& start) {
  constexpr std::string_view kSecret = "sWordFish-4711";
  const auto config =
      ParseWebConfig(start + "\nbasic_auth_users: {prometheus: sWordFish-4711}\n", "web.yml");
  Require(!config, "a password is no hash");
  if (start.find(kSecret) != std::string::npos) return;
  for (const ConfigProblem& problem : config.error()) {
    const std::string line = problem.ToString();
    Require(line.find(kSecret) == std::string::npos, "a problem shows no password", line);
  }
}

}  // namespace
}  // namespace streamgauge

STREAMGAUGE_FUZZER(config_web) {
  using namespace streamgauge;
  const std::string text(input);
  const auto config = ParseWebConfig(text, "web.yml");
  if (config) {
    CheckConfig(*config);
  } else {
    Require(!config.error().empty(), "what is refused has a problem");
  }
  CheckHidden(text);
}
