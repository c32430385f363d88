// Which part of the work is this agent's, when several agents split it (`shard` in the
// configuration). Plain data; any thread may use it.
//
// A name belongs to exactly one shard, and every agent with the same `total` agrees on which. It
// does not depend on the target, on other names or on the order in which they are found, so that
// nothing has to be arranged between agents.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace streamgauge {

struct Shard {
  std::uint32_t index = 0;  // below total
  std::uint32_t total = 1;  // at least 1
  bool operator==(const Shard&) const = default;

  // Whether this shard has to see to the name: a stream's or a group's, as the server has it.
  bool Owns(std::string_view name) const;
};

// The shard of `total` that a name belongs to. REQUIRES: total >= 1.
//
// FNV-1a, 64 bits, of the name's bytes, put into a bucket by the jump consistent hash (Lamping and
// Veach, 2014): going from n to n + 1 shards moves about one name in n + 1, all of them to the new
// shard. It never changes: the agents of one set may be of different versions for a while.
std::uint32_t ShardOf(std::string_view name, std::uint32_t total);

// A shard's index from `2`, or from a name that ends in it after a hyphen, as those of a
// StatefulSet's pods do: `streamgauge-2`. Empty when it is neither.
std::optional<std::uint32_t> ParseShardIndex(std::string_view text);

}  // namespace streamgauge
