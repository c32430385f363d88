// Redis addresses: what is taken can be written again, and a password is shown in no case.
#include <string>

#include "config/redis_url.h"
#include "fuzz/fuzzer.h"

namespace streamgauge {
namespace {

using test::Require;

constexpr std::string_view kSecret = "sWordFish-4711";

std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4];
    encoded += kHex[byte & 0xF];
  }
  return encoded;
}

std::string WriteUrl(const RedisUrl& url) {
  std::string text = url.address.tls ? "rediss://" : "redis://";
  if (!url.user.empty() || url.password) {
    text += PercentEncoded(url.user);
    if (url.password) text += ":" + PercentEncoded(*url.password);
    text += '@';
  }
  const bool ipv6 = url.address.host.find(':') != std::string::npos;
  text += ipv6 ? "[" + url.address.host + "]" : url.address.host;
  return text + ":" + std::to_string(url.address.port) + "/" + std::to_string(url.address.database);
}

void CheckRoundTrip(std::string_view text) {
  const auto url = ParseRedisUrl(text);
  if (!url || !url->address.socket.empty()) return;
  Require(!url->address.host.empty() && url->address.port != 0, "an address can be connected to");
  const auto again = ParseRedisUrl(WriteUrl(*url));
  Require(again.has_value(), "an address that is written can be read", WriteUrl(*url));
  Require(again->address == url->address && again->user == url->user &&
              again->password == url->password,
          "an address that is written reads as itself", WriteUrl(*url));
}

void CheckHidden(std::string_view user, std::string_view host) {
  for (const std::string_view scheme : {"redis://", "rediss://", "valkey://"}) {
    std::string url(scheme);
    url.append(user).append(":").append(kSecret).append("@").append(host);
    const std::string shown = WithoutCredentials(url);
    Require(shown.find(kSecret) == std::string::npos, "a password is not shown", shown);
    const auto parsed = ParseRedisUrl(url);
    if (parsed) continue;
    Require(parsed.error().find(kSecret) == std::string::npos, "an error shows no password",
            parsed.error());
  }
}

}  // namespace
}  // namespace streamgauge

STREAMGAUGE_FUZZER(config_redis_url) {
  using namespace streamgauge;
  CheckRoundTrip(input);
  test::Pieces pieces(input);
  const std::string_view user = pieces.Line();
  if (input.find(kSecret) == std::string_view::npos) CheckHidden(user, pieces.rest());
}
