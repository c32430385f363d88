// host:port as addresses write it; an IPv6 host stands in brackets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streamgauge {

struct HostPort {
  std::string host;                   // without brackets; may be empty (":9760")
  std::optional<std::uint16_t> port;  // absent: none was written
};

// Accepts "host", "host:port", ":port", "[::1]" and "[::1]:port". Empty when the port is no number
// in 0..65535, brackets are unbalanced, a bare IPv6 address leaves open where the port begins, or
// the host has a character that no host has.
std::optional<HostPort> ParseHostPort(std::string_view text);

}  // namespace streamgauge
