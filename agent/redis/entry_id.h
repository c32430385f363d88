// The id of a stream entry: milliseconds and a sequence number, written "1700000000000-0". Ids of a
// stream only rise, which is what all rules about lag and loss rest on.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "model/time.h"

namespace streamgauge {

struct EntryId {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;
  auto operator<=>(const EntryId&) const = default;
};

inline constexpr EntryId kMaxEntryId = {std::numeric_limits<std::uint64_t>::max(),
                                        std::numeric_limits<std::uint64_t>::max()};

// Empty when `text` is not "<ms>-<seq>".
std::optional<EntryId> ParseEntryId(std::string_view text);
std::string ToString(EntryId id);

// The next higher and lower id. Used instead of the exclusive ranges "(id", which Redis has only
// since 6.2. Empty at the ends of the range.
std::optional<EntryId> Next(EntryId id);
std::optional<EntryId> Previous(EntryId id);

// The moment in the id, or empty when its milliseconds are no plausible timestamp (before 2010 or
// more than a day after `now`): ids may be chosen freely by producers.
std::optional<WallTime> TimeOf(EntryId id, WallTime now);

}  // namespace streamgauge
