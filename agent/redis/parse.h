// Replies of the stream commands as facts. Fields are found by name, unknown ones are ignored and
// missing ones stay empty: Redis 6, 7.0, 7.2, 8 and Valkey differ only in which fields there are.
// Pure functions; a reply of an unexpected shape gives kBadReply.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/error.h"
#include "model/time.h"
#include "redis/lag_rules.h"
#include "redis/reply.h"

namespace streamgauge {

// How deep strings must be kept: below are only payloads.
inline constexpr std::size_t kExecDepth = 3;    // EXEC of XINFO STREAM and XINFO GROUPS
inline constexpr std::size_t kStreamDepth = 2;  // XINFO STREAM by itself
inline constexpr std::size_t kXrangeDepth = 2;

Result<WallTime> ParseTime(const Reply& reply);

// XINFO STREAM.
Result<StreamFacts> ParseStream(const Reply& reply);

// XINFO GROUPS. Names are views into the reply.
struct NamedGroup {
  std::string_view name;
  GroupFacts facts;
};
Result<std::vector<NamedGroup>> ParseGroups(const Reply& reply);

// XINFO CONSUMERS.
struct ConsumerFacts {
  std::string_view name;
  std::uint64_t pending = 0;
  std::optional<std::uint64_t> idle_ms;
  // 7.2 and later: empty inside when the consumer never got anything (-1).
  std::optional<std::optional<std::uint64_t>> inactive_ms;
};
Result<std::vector<ConsumerFacts>> ParseConsumers(const Reply& reply);

// The first row of XPENDING k g - + 1.
struct PendingEntry {
  EntryId id;
  bool owned = true;  // Redis 8.8's XNACK leaves entries without an owner and without a time
  std::optional<std::uint64_t> idle_ms;
  std::optional<std::uint64_t> deliveries;
};
Result<std::optional<PendingEntry>> ParseOldestPending(const Reply& reply);

// The ids of the entries of XRANGE, or of XPENDING with a range: how many, the first and the last.
struct EntryRange {
  std::size_t count = 0;
  EntryId first;
  EntryId last;
};
Result<EntryRange> ParseRange(const Reply& reply);
Result<EntryRange> ParsePendingRange(const Reply& reply);

}  // namespace streamgauge
