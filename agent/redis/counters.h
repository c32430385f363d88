// The agent's own sums about one stream and one group: what was appended, removed, trimmed,
// delivered, acknowledged and lost, from differences of what the server says. A difference counts
// only where nothing else can explain it; otherwise a new baseline is set. What happened up to a
// new baseline is not known, so the sums are left out of that reading: a sum that stood still would
// say that nothing happened. At first sight they are 0. docs/redis.md tells what follows from that.
#pragma once

#include <cstdint>
#include <optional>

#include "redis/lag_rules.h"

namespace streamgauge {

class StreamCounters {
 public:
  struct Totals {
    std::optional<std::uint64_t> appended;
    std::optional<std::uint64_t> removed;
    std::optional<std::uint64_t> trimmed;
  };

  Totals Observe(const StreamFacts& now, const Epochs& epochs);
  // The next snapshot is a baseline (the stream was re-created).
  void Rebase();

 private:
  struct Snapshot {
    StreamFacts stream;
    Epochs epochs;
  };
  bool begun_ = false;  // there was a reading: from then on a baseline is a gap
  std::optional<Snapshot> before_;
  std::uint64_t appended_ = 0;
  std::uint64_t removed_ = 0;
  std::uint64_t trimmed_ = 0;
};

class GroupCounters {
 public:
  struct Totals {
    std::optional<std::uint64_t> delivered;
    std::optional<std::uint64_t> acknowledged;
    std::optional<std::uint64_t> lost;  // a lower bound
  };

  // What belongs to a snapshot beside the facts themselves.
  struct Context {
    Lag lag;
    std::optional<EntryId> oldest_pending;  // the lowest id of the PEL, read after the snapshot
    bool pending_seen = true;               // false: the PEL could not be read
    // The highest id of the PEL, read after the snapshot: D where none is after it. Empty when that
    // was not asked, or there are too many.
    std::optional<EntryId> highest_pending;
    bool rewound = false;           // entries before D may be delivered a second time
    bool trims_references = false;  // as ServerIdentity
  };

  Totals Observe(const Moment& now, const Context& context, Trace* trace = nullptr);
  // True when Observe would have use for `highest_pending`.
  bool MustAskWhatIsAhead(const Moment& now, bool rewound) const;
  void Rebase();

 private:
  struct Anchor {
    Moment moment;
    Context context;
    bool none_ahead = false;  // as none_ahead_ at the snapshot
    // No id in the PEL was lower at the snapshot.
    std::optional<EntryId> lowest_pending;
  };
  std::optional<EntryId> LowestPending(const Moment& now, const Context& context, bool continuous);
  bool NoneAhead(const Moment& now, bool rewound, bool continuous) const;
  bool BeginAcknowledged(const Anchor& from);
  void CountLost(const Anchor& now, bool continuous);
  static std::optional<std::uint64_t> Delivered(const Anchor& from, const Anchor& to);
  static bool OnlyAcknowledged(const Anchor& from, const Anchor& to);

  bool begun_ = false;            // as of StreamCounters
  std::optional<Moment> before_;  // the previous snapshot
  // No pending entry is after the group's position: none was when nothing was pending, or when that
  // was asked, and only SETID or XCLAIM makes one. One that is, is delivered once more.
  bool none_ahead_ = false;
  std::optional<EntryId> highest_seen_;   // in the PEL, after the previous snapshot
  std::optional<EntryId> seen_lowest_;    // in the PEL, after the previous snapshot
  std::optional<Anchor> counted_;         // the last snapshot up to which deliveries are known
  std::optional<std::uint64_t> missing_;  // A - R - lag when it was last known
  std::uint64_t delivered_ = 0;
  std::optional<std::uint64_t> acknowledged_;  // empty: not begun
  std::uint64_t lost_ = 0;
};

}  // namespace streamgauge
