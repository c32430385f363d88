// Short ways to say what a server tells about a stream and a group.
#pragma once

#include <cstdint>
#include <optional>

#include "redis/lag_rules.h"

namespace streamgauge {

// A stream that holds `length` entries of `added`, from id first-0 to id last-0.
inline StreamFacts Stream(std::uint64_t length, std::uint64_t added, std::uint64_t first,
                          std::uint64_t last, std::uint64_t max_deleted = 0) {
  StreamFacts facts;
  facts.length = length;
  facts.added = added;
  facts.last_generated = EntryId{last, 0};
  facts.max_deleted = EntryId{max_deleted, 0};
  if (length > 0) {
    facts.first = EntryId{first, 0};
    facts.last = EntryId{last, 0};
  }
  return facts;
}

// A stream as Redis 6 describes it.
inline StreamFacts OldStream(std::uint64_t length, std::uint64_t first, std::uint64_t last) {
  StreamFacts facts = Stream(length, 0, first, last);
  facts.added.reset();
  facts.max_deleted.reset();
  return facts;
}

inline Moment At(const StreamFacts& stream, std::uint64_t delivered,
                 std::optional<std::uint64_t> read, std::uint64_t pending = 0) {
  Moment moment;
  moment.stream = stream;
  moment.group.delivered = EntryId{delivered, 0};
  moment.group.read = read;
  moment.group.pending = pending;
  moment.epochs.known = true;
  return moment;
}

}  // namespace streamgauge
