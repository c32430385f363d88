#include "config/host_port.h"

#include <algorithm>
#include <charconv>

namespace streamgauge {
namespace {

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || rest != end) return std::nullopt;
  return port;
}

bool IsHost(std::string_view host, std::string_view also) {
  return std::ranges::all_of(host, [also](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           also.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::optional<HostPort> ParseHostPort(std::string_view text) {
  std::string_view host;
  std::string_view rest;  // ":port" or nothing
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    // A zone may follow the address: fe80::1%eth0.
    if (host.find(':') == std::string_view::npos || !IsHost(host, ":.%-_")) return std::nullopt;
  } else {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    if (colon != std::string_view::npos) rest = text.substr(colon);
    if (!IsHost(host, ".-_")) return std::nullopt;
  }
  HostPort result{std::string(host), std::nullopt};
  if (rest.empty()) return result;
  if (rest[0] != ':') return std::nullopt;
  result.port = ParsePort(rest.substr(1));
  if (!result.port) return std::nullopt;
  return result;
}

}  // namespace streamgauge
