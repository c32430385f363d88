// How many entries a group has not been delivered yet, never false: the rules 1 to 4 of
// docs/signals.md as pure functions of what the server says. Rule 5 (counting) is lag_count.h.
//
// The letters of the rules: L length, A entries-added, F first entry, E last entry, D the group's
// last-delivered-id, R its entries-read.
#pragma once

#include <cstdint>
#include <optional>

#include "model/reading.h"
#include "model/trace.h"
#include "redis/entry_id.h"
#include "redis/server_info.h"

namespace streamgauge {

// One XINFO STREAM, without payloads. What the server does not tell (Redis before 7) is empty.
struct StreamFacts {
  std::uint64_t length = 0;               // L
  std::optional<EntryId> first;           // F; empty as well when the stream is
  std::optional<EntryId> last;            // E, the last entry present; likewise
  std::optional<EntryId> last_generated;  // the highest id ever given
  std::optional<EntryId> max_deleted;     // the highest id ever removed by XDEL
  std::optional<std::uint64_t> added;     // A
  std::optional<std::uint64_t> groups;    // how many groups it has

  bool operator==(const StreamFacts&) const = default;
  // Entries removed since the stream was made.
  std::optional<std::uint64_t> removed() const;
};

// True when what is called so now cannot be the stream that was seen before: something fell that
// cannot fall within one stream.
bool IsAnotherStream(const StreamFacts& before, const StreamFacts& now);

// One group of XINFO GROUPS.
struct GroupFacts {
  EntryId delivered;                  // D
  std::optional<std::uint64_t> read;  // R; empty when the server has lost count
  std::uint64_t pending = 0;
  std::uint64_t consumers = 0;
};

// A group and its stream in one snapshot.
struct Moment {
  StreamFacts stream;
  GroupFacts group;
  Epochs epochs;
};

struct Lag {
  LagSource source = LagSource::kUnknown;
  std::optional<std::uint64_t> messages;
};

// Rules 1 to 3. Empty when none applies.
std::optional<std::uint64_t> ExactLag(const StreamFacts& stream, EntryId delivered,
                                      Trace* trace = nullptr);

// True when nothing but XADD, XREADGROUP, XACK and removals can have happened between the two: the
// group was not moved, the stream is the same, and every new entry got an id after `before`'s D.
bool Continuous(const Moment& before, const Moment& now);
// What else may have happened, in words; empty when Continuous.
std::string_view BreakBetween(const Moment& before, const Moment& now);

// Rule 4's condition: continuous, and no entry after `before`'s D was removed, so that the server
// has counted every delivery since.
bool CountsEveryDelivery(const Moment& before, const Moment& now);
// Why it has not, in words; empty when CountsEveryDelivery.
std::string_view MiscountBetween(const Moment& before, const Moment& now);

// The lag of one group from poll to poll, with rule 4's memory.
class LagTracker {
 public:
  // Takes the next snapshot and tells the lag by rules 1 to 4. REQUIRES: `now` carries F and E
  // unless the stream is empty; a snapshot without them is left out and does no harm.
  Lag Observe(const Moment& now, Trace* trace = nullptr);
  // The lag at the snapshot last observed, known by counting: calibrates, or corrects.
  void Counted(std::uint64_t lag);
  // The next snapshot starts afresh (the group was re-created).
  void Forget();

 private:
  Lag ByCalibration(const Moment& now, std::string_view broken, Trace* trace);
  void Calibrate(const Moment& now, std::uint64_t lag);

  std::optional<Moment> before_;
  std::optional<std::int64_t> skew_;  // S = (A - R) - lag
};

}  // namespace streamgauge
