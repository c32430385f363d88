#include "redis/cluster_reply.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "redis/reply_error.h"

namespace streamgauge {
namespace {

constexpr std::size_t kMostPrimaries = 1000;  // what Redis Cluster is made for
constexpr std::size_t kLongestHost = 255;

std::uint16_t Crc16(std::string_view text) {
  constexpr std::uint32_t kPolynomial = 0x1021;
  std::uint32_t crc = 0;
  for (const char c : text) {
    crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 8;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000U) != 0 ? (crc << 1) ^ kPolynomial : crc << 1;
    }
    crc &= 0xFFFFU;
  }
  return static_cast<std::uint16_t>(crc);
}

std::string_view HashedPart(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open == std::string_view::npos) return key;
  const std::size_t close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

std::optional<RedisAddress> MakeAddress(std::string_view host, std::uint64_t port,
                                        const RedisAddress& from) {
  if (host == "?" || host.size() > kLongestHost || port == 0 || port > 65535) return std::nullopt;
  RedisAddress address;
  address.tls = from.tls;
  address.host = host.empty() ? from.host : std::string(host);
  address.port = static_cast<std::uint16_t>(port);
  return address;
}

// What a node says beside its name: ["ip", "10.0.0.1", ...], since Redis 7. "?" where it says
// nothing.
std::string_view IpOf(const Reply& node) {
  const auto more = node.At(3);
  if (!more || !more->IsArray()) return "?";
  for (std::size_t i = 0; more->At(i + 1); i += 2) {
    if (more->At(i)->text() == "ip") return more->At(i + 1)->text();
  }
  return "?";
}

// The primary of one row: [first slot, last slot, [host, port, id, ...], replicas ...].
std::optional<RedisAddress> PrimaryOf(const Reply& row, const RedisAddress& from) {
  const auto node = row.At(2);
  if (!node) return std::nullopt;
  const auto host = node->At(0);
  const auto port = node->At(1);
  if (!host || !port || !port->count()) return std::nullopt;
  const std::string_view met_at = host->text() == "?" ? IpOf(*node) : host->text();
  return MakeAddress(met_at, *port->count(), from);
}

std::optional<std::uint16_t> IndexOf(const RedisAddress& address, Layout& layout) {
  const auto found = std::ranges::find(layout.primaries, address);
  if (found == layout.primaries.end()) {
    if (layout.primaries.size() == kMostPrimaries) return std::nullopt;
    layout.primaries.push_back(address);
    return static_cast<std::uint16_t>(layout.primaries.size() - 1);
  }
  return static_cast<std::uint16_t>(found - layout.primaries.begin());
}

}  // namespace

std::uint16_t SlotOf(std::string_view key) {
  return static_cast<std::uint16_t>(Crc16(HashedPart(key)) % kSlotCount);
}

std::optional<Redirect> ParseRedirect(std::string_view error, const RedisAddress& from) {
  if (!IsRedirect(error)) return std::nullopt;
  const std::size_t space = error.rfind(' ');
  const std::string_view where = error.substr(space + 1);
  const std::size_t colon = where.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::uint64_t port = 0;
  const char* const end = where.data() + where.size();
  const auto [rest, trouble] = std::from_chars(where.data() + colon + 1, end, port);
  if (trouble != std::errc() || rest != end) return std::nullopt;
  auto to = MakeAddress(where.substr(0, colon), port, from);
  if (!to) return std::nullopt;
  return Redirect{.to = *std::move(to), .asking = error.starts_with("ASK ")};
}

Result<Layout> ParseClusterSlots(const Reply& reply, const RedisAddress& from) {
  const auto strange = [] {
    return std::unexpected(Error{Reason::kBadReply, "CLUSTER SLOTS: the reply makes no sense"});
  };
  if (!reply.IsArray()) return strange();
  Layout layout;
  layout.owners.assign(kSlotCount, Layout::kNobody);
  for (const Reply row : reply) {
    const auto first_value = row.At(0);
    const auto last_value = row.At(1);
    if (!first_value || !last_value) return strange();
    const auto first = first_value->count();
    const auto last = last_value->count();
    if (!first || !last || *first > *last || *last >= kSlotCount) return strange();
    const auto primary = PrimaryOf(row, from);
    if (!primary) continue;
    const auto index = IndexOf(*primary, layout);
    if (!index) continue;
    std::fill(layout.owners.begin() + static_cast<std::ptrdiff_t>(*first),
              layout.owners.begin() + static_cast<std::ptrdiff_t>(*last) + 1, *index);
  }
  if (layout.primaries.empty()) {
    return std::unexpected(Error{Reason::kUnavailable, "no node of the cluster has any slot"});
  }
  return layout;
}

}  // namespace streamgauge
