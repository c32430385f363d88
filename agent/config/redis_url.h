// redis://[user[:password]@]host[:port][/database], the same with rediss:// for TLS, and
// unix://[user[:password]@]/path[?db=database]. Pure; a URL's user and password are never part of
// an error's text.
#pragma once

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

// Port 6379 and database 0 where none is written. On failure, what is wrong, without the URL.
std::expected<RedisUrl, std::string> ParseRedisUrl(std::string_view url);

// host:port, or unix:/path; without credentials.
std::string Describe(const RedisAddress& address);

// The URL, right or wrong, with everything that may be a password replaced by ***.
std::string WithoutCredentials(std::string_view url);

}  // namespace streamgauge
