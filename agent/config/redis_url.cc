#include "config/redis_url.h"

#include <sys/un.h>

#include <charconv>

#include "config/host_port.h"

namespace streamgauge {
namespace {

constexpr std::string_view kScheme = "redis://";
constexpr std::string_view kTlsScheme = "rediss://";
constexpr std::string_view kSocketScheme = "unix://";
constexpr std::string_view kForm = "write redis://host:port/database";
constexpr std::string_view kBrokenEscape =
    "the user information has a % that is no escape (%25 is a percent sign)";
constexpr std::string_view kSocketForm = "write unix:///path?db=number";
// What the kernel takes as a socket's path, without the zero behind it.
constexpr std::size_t kLongestSocketPath = sizeof(sockaddr_un::sun_path) - 1;

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

std::unexpected<std::string> Wrong(std::string_view what, std::string_view form) {
  return std::unexpected(std::string(what) + "; " + std::string(form));
}

std::string WrongScheme(std::string_view url) {
  const bool socket = url.starts_with("unix:") || url.starts_with("redis-socket:") ||
                      url.starts_with("redis+socket:") || url.starts_with("/");
  if (socket) return "a Unix socket is written otherwise; " + std::string(kSocketForm);
  return "is no Redis address; " + std::string(kForm) + " (rediss:// for TLS)";
}

// Where a socket's path begins: behind the credentials, which a path may resemble.
std::size_t FindSocketPath(std::string_view url) {
  if (url.starts_with('/')) return 0;
  const std::size_t at = url.rfind("@/");
  return at == std::string_view::npos ? url.size() : at + 1;
}

// REQUIRES: `url` is without its scheme.
std::expected<RedisUrl, std::string> ParseSocketUrl(std::string_view url) {
  RedisUrl result;
  const std::size_t begin = FindSocketPath(url);
  if (begin > 0 && begin < url.size() && !ReadCredentials(url.substr(0, begin - 1), result)) {
    return Wrong(kBrokenEscape, kSocketForm);
  }
  url.remove_prefix(begin);
  if (url.find('#') != std::string_view::npos) return Wrong("# means nothing here", kSocketForm);
  const std::size_t question = url.find('?');
  const auto path = PercentDecode(url.substr(0, question));
  if (!path)
    return Wrong("the path has a % that is no escape (%25 is a percent sign)", kSocketForm);
  if (path->size() < 2) return Wrong("the path is missing, or is not absolute", kSocketForm);
  if (path->size() > kLongestSocketPath || path->find('\0') != std::string::npos) {
    return Wrong("the path is too long for a socket (107 bytes)", kSocketForm);
  }
  result.address = {.host = "", .port = 0, .socket = *path};
  if (question == std::string_view::npos) return result;
  constexpr std::string_view kDatabase = "?db=";
  url.remove_prefix(question);
  if (!url.starts_with(kDatabase)) return Wrong("behind the ? only db can stand", kSocketForm);
  const auto database = ParseDatabase(url.substr(kDatabase.size()));
  if (!database) return Wrong("the database is no number", kSocketForm);
  result.address.database = *database;
  return result;
}

std::string WithoutUser(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string shown(url.substr(0, begin));
  // A path of a socket may hold an '@', but no password.
  if (url.starts_with("unix:///")) return std::string(url);
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos && at >= begin) {
    return shown + "***" + std::string(url.substr(at));
  }
  // Without an '@', what stands where the port belongs may be a password all the same.
  const std::string_view rest = url.substr(begin);
  if (rest.empty() || ParseHostPort(rest.substr(0, rest.find('/')))) return std::string(url);
  return shown + std::string(rest.substr(0, rest.find(':'))) + ":***";
}

// Other programs take "?password=...", so that it stands here sometimes. The database of a socket
// is shown.
std::string WithoutParameters(std::string url) {
  const std::size_t begin = url.find_first_of("?#");
  if (begin == std::string::npos) return url;
  const std::string_view parameters = std::string_view(url).substr(begin);
  const bool only_database =
      parameters.starts_with("?db=") &&
      parameters.find_first_not_of("0123456789", 4) == std::string_view::npos;
  return only_database ? url : url.substr(0, begin + 1) + "***";
}

}  // namespace

std::expected<RedisUrl, std::string> ParseRedisUrl(std::string_view url,
                                                   std::uint16_t default_port) {
  const auto fail = [](std::string_view what) { return Wrong(what, kForm); };
  if (url.starts_with(kSocketScheme)) return ParseSocketUrl(url.substr(kSocketScheme.size()));
  const bool tls = url.starts_with(kTlsScheme);
  if (!tls && !url.starts_with(kScheme)) return std::unexpected(WrongScheme(url));
  url.remove_prefix(tls ? kTlsScheme.size() : kScheme.size());
  if (url.find_first_of("?#") != std::string_view::npos) return fail("? and # mean nothing here");

  RedisUrl result;
  // The last '@': somebody may have left one in the password unescaped.
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    if (!ReadCredentials(url.substr(0, at), result)) {
      return fail(kBrokenEscape);
    }
    url.remove_prefix(at + 1);
  }
  const std::size_t slash = url.find('/');
  const auto address = ParseHostPort(url.substr(0, slash));
  if (!address) return fail("host and port cannot be read (IPv6 stands in brackets: [::1]:6379)");
  if (address->host.empty()) return fail("the host is missing");
  if (address->port == 0) return fail("port 0 cannot be connected to");
  result.address = {.host = address->host, .port = address->port.value_or(default_port)};
  result.address.tls = tls;
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

std::string WithoutCredentials(std::string_view url) { return WithoutParameters(WithoutUser(url)); }

}  // namespace streamgauge
