// What a Redis Cluster says about itself: which slot a key is in, who has which slots (CLUSTER
// SLOTS), and where to ask instead (MOVED, ASK). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "config/config.h"
#include "model/error.h"
#include "redis/layout.h"
#include "redis/reply.h"

namespace streamgauge {

inline constexpr std::size_t kSlotCount = 16384;

// CRC16 (XMODEM) of the key, or of its hash tag: what stands between the first { and the next },
// unless that is nothing.
std::uint16_t SlotOf(std::string_view key);

// "MOVED slot host:port" or "ASK slot host:port".
struct Redirect {
  RedisAddress to;
  bool asking = false;  // for this time only, and announced by ASKING
};

// Empty when the error is no redirect, or names no address. `from` is the node that said so: a node
// that does not know its own name leaves the host out.
std::optional<Redirect> ParseRedirect(std::string_view error, const RedisAddress& from);

// The reply of CLUSTER SLOTS, which every version knows, as a layout; replicas are left out. A node
// without a host is the one that was asked; one that announces no name where names are preferred
// ("?") is met at its IP address, or not at all where that is not told. kUnavailable when no slot
// has a primary.
Result<Layout> ParseClusterSlots(const Reply& reply, const RedisAddress& from);

}  // namespace streamgauge
