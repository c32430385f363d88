// redis://[user[:password]@]host[:port][/database], the same with rediss:// for TLS, and
// unix://[user[:password]@]/path[?db=database]. Pure; a URL's user and password are never part of
// an error's text.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.h"

namespace streamgauge {

struct RedisUrl {
  RedisAddress address;
  std::string user;                     // percent-decoded; may be empty
  std::optional<std::string> password;  // percent-decoded
};

inline constexpr std::uint16_t kRedisPort = 6379;
inline constexpr std::uint16_t kSentinelPort = 26379;

// Database 0 where none is written. On failure, what is wrong, without the URL.
std::expected<RedisUrl, std::string> ParseRedisUrl(std::string_view url,
                                                   std::uint16_t default_port = kRedisPort);

// host:port, or unix:/path; without credentials.
std::string Describe(const RedisAddress& address);

// The URL, right or wrong, with everything that may be a password replaced by ***.
std::string WithoutCredentials(std::string_view url);

}  // namespace streamgauge
