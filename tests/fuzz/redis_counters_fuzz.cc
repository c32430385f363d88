// Whatever a server says in one poll after the other: the agent's sums never fall, and no lag is
// larger than what the stream ever had.
#include <algorithm>
#include <optional>

#include "fuzz/fuzzer.h"
#include "redis/counters.h"
#include "redis/lag_rules.h"

namespace streamgauge {
namespace {

using test::Pieces;
using test::Require;

// Small numbers, so that they are often equal, follow on each other, or contradict.
std::optional<std::uint64_t> MaybeCount(Pieces& pieces) {
  const std::uint8_t byte = pieces.Byte();
  return byte == 0xFF ? std::nullopt : std::optional<std::uint64_t>(byte % 40);
}
std::optional<EntryId> MaybeId(Pieces& pieces) {
  const std::uint8_t byte = pieces.Byte();
  if (byte == 0xFF) return std::nullopt;
  return EntryId{byte % 16U, byte / 16U};
}

Moment NextMoment(Pieces& pieces) {
  Moment moment;
  StreamFacts& stream = moment.stream;
  stream.length = pieces.Below(40);
  stream.first = MaybeId(pieces);
  stream.last = MaybeId(pieces);
  if (stream.length == 0) stream.first = stream.last = std::nullopt;
  stream.last_generated = MaybeId(pieces);
  stream.max_deleted = MaybeId(pieces);
  stream.added = MaybeCount(pieces);
  moment.group.delivered = MaybeId(pieces).value_or(kMaxEntryId);
  moment.group.read = MaybeCount(pieces);
  moment.group.pending = pieces.Below(40);
  const std::uint8_t epochs = pieces.Byte();
  moment.epochs.known = (epochs & 1) == 0;
  moment.epochs.groups = epochs >> 1 & 1;
  moment.epochs.deletions = epochs >> 2 & 1;
  moment.epochs.references = epochs >> 3 & 1;
  moment.epochs.claims = epochs >> 4 & 1;
  return moment;
}

// A sum that is not known now was known before, and comes back at least as large.
class Rising {
 public:
  void Observe(const std::optional<std::uint64_t>& total) {
    if (!total) return;
    Require(*total >= last_, "a sum never falls");
    Require(*total < 1'000'000, "a sum does not jump beyond all that was there");
    last_ = *total;
  }

 private:
  std::uint64_t last_ = 0;
};

}  // namespace
}  // namespace streamgauge

STREAMGAUGE_FUZZER(redis_counters) {
  using namespace streamgauge;
  constexpr int kMostPolls = 200;
  Pieces pieces(input);
  StreamCounters stream_counters;
  GroupCounters group_counters;
  LagTracker tracker;
  Rising appended, removed, trimmed, delivered, acknowledged, lost;
  for (int poll = 0; poll < kMostPolls && !pieces.empty(); ++poll) {
    const Moment now = NextMoment(pieces);
    const auto stream = stream_counters.Observe(now.stream, now.epochs);
    appended.Observe(stream.appended);
    removed.Observe(stream.removed);
    trimmed.Observe(stream.trimmed);
    const Lag lag = tracker.Observe(now);
    Require((lag.source == LagSource::kUnknown) == !lag.messages, "a lag has a source");
    const std::uint8_t more = pieces.Byte();
    const auto group = group_counters.Observe(now, {.lag = lag,
                                                    .oldest_pending = MaybeId(pieces),
                                                    .pending_seen = (more & 1) == 0,
                                                    .highest_pending = MaybeId(pieces),
                                                    .rewound = (more & 2) != 0,
                                                    .trims_references = (more & 4) != 0});
    delivered.Observe(group.delivered);
    acknowledged.Observe(group.acknowledged);
    lost.Observe(group.lost);
    if ((more & 0xF0) == 0x10) tracker.Counted(pieces.Below(40));
    if ((more & 0xF0) == 0x20) group_counters.Rebase();
    if ((more & 0xF0) == 0x30) stream_counters.Rebase();
    if ((more & 0xF0) == 0x40) tracker.Forget();
  }
}
