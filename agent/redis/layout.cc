#include "redis/layout.h"

#include "redis/cluster_reply.h"

namespace streamgauge {

std::optional<std::size_t> Layout::OwnerOf(std::string_view key) const {
  if (owners.empty()) return 0;
  const std::uint16_t owner = owners[SlotOf(key)];
  if (owner == kNobody) return std::nullopt;
  return owner;
}

}  // namespace streamgauge
