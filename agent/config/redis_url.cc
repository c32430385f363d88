#include "config/redis_url.h"

#include <charconv>

#include "config/host_port.h"

namespace streamgauge {
namespace {

constexpr std::string_view kScheme = "redis://";
constexpr std::string_view kForm = "write redis://host:port/database";

std::optional<unsigned char> HexByte(std::string_view digits) {
  unsigned char value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, value, 16);
  if (digits.size() != 2 || error != std::errc() || rest != end) return std::nullopt;
  return value;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    const auto byte = HexByte(text.substr(i + 1, 2));
    if (!byte) return std::nullopt;
    result += static_cast<char>(*byte);
    i += 2;
  }
  return result;
}

// REQUIRES: `text` is what stands before the '@'. False when an escape is broken.
bool ReadCredentials(std::string_view text, RedisUrl& url) {
  const std::size_t colon = text.find(':');
  const auto user = PercentDecode(text.substr(0, colon));
  if (!user) return false;
  url.user = *user;
  if (colon == std::string_view::npos) return true;
  url.password = PercentDecode(text.substr(colon + 1));
  return url.password.has_value();
}

std::optional<std::uint32_t> ParseDatabase(std::string_view text) {
  std::uint32_t database = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, database);
  if (error != std::errc() || rest != end || database > 1'000'000) return std::nullopt;
  return database;
}

// A scheme that somebody might well write here, and why it is not taken.
std::string WrongScheme(std::string_view url) {
  if (url.starts_with("rediss://")) {
    return "TLS (rediss://) is not supported in this version; use redis://";
  }
  if (url.starts_with("unix:") || url.starts_with("/")) {
    return "unix sockets are not supported; " + std::string(kForm);
  }
  return "is no Redis address; " + std::string(kForm);
}

}  // namespace

std::expected<RedisUrl, std::string> ParseRedisUrl(std::string_view url) {
  const auto fail = [](std::string_view what) {
    return std::unexpected(std::string(what) + "; " + std::string(kForm));
  };
  if (!url.starts_with(kScheme)) return std::unexpected(WrongScheme(url));
  url.remove_prefix(kScheme.size());
  if (url.find_first_of("?#") != std::string_view::npos) return fail("? and # mean nothing here");

  RedisUrl result;
  // The last '@': somebody may have left one in the password unescaped.
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    if (!ReadCredentials(url.substr(0, at), result)) {
      return fail("the user information has a % that is no escape (%25 is a percent sign)");
    }
    url.remove_prefix(at + 1);
  }
  const std::size_t slash = url.find('/');
  const auto address = ParseHostPort(url.substr(0, slash));
  if (!address) return fail("host and port cannot be read (IPv6 stands in brackets: [::1]:6379)");
  if (address->host.empty()) return fail("the host is missing");
  if (address->port == 0) return fail("port 0 cannot be connected to");
  result.address = {.host = address->host, .port = address->port.value_or(6379)};
  if (slash != std::string_view::npos && slash + 1 < url.size()) {
    const auto database = ParseDatabase(url.substr(slash + 1));
    if (!database) return fail("the database is no number");
    result.address.database = *database;
  }
  return result;
}

std::string Describe(const RedisAddress& address) {
  if (!address.socket.empty()) return "unix:" + address.socket;
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::string WithoutCredentials(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string shown(url.substr(0, begin));
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos && at >= begin) {
    return shown + "***" + std::string(url.substr(at));
  }
  // Without an '@', what stands where the port belongs may be a password all the same.
  const std::string_view rest = url.substr(begin);
  if (rest.empty() || ParseHostPort(rest.substr(0, rest.find('/')))) return std::string(url);
  return shown + std::string(rest.substr(0, rest.find(':'))) + ":***";
}

}  // namespace streamgauge
