#include "redis/counters.h"

#include <algorithm>
#include <utility>

namespace streamgauge {
namespace {

// Entries removed between the two, when all of them went by trimming; otherwise empty.
std::optional<std::uint64_t> TrimmedBetween(const StreamFacts& before, const StreamFacts& now,
                                            bool no_deletions) {
  const std::uint64_t removed = *now.removed() - *before.removed();
  if (removed == 0) return 0;
  if (!before.max_deleted || before.max_deleted != now.max_deleted) return std::nullopt;
  // XDEL of an entry raises the highest deleted id, unless a higher one was deleted before: then
  // only the command statistics can tell that there was no XDEL.
  const bool deletion_would_show = before.first && *before.max_deleted < *before.first;
  if (!deletion_would_show && !no_deletions) return std::nullopt;
  return removed;
}

std::uint64_t Missing(const Moment& moment, std::uint64_t lag) {
  const std::uint64_t accounted = *moment.group.read + lag;
  return *moment.stream.added > accounted ? *moment.stream.added - accounted : 0;
}

// Without the server's command statistics a SETID could pass for deliveries or losses.
bool Counts(const Moment& now) { return now.epochs.known && now.stream.added; }

}  // namespace

StreamCounters::Totals StreamCounters::Observe(const StreamFacts& now, const Epochs& epochs) {
  // Without the server's command statistics another stream may have been moved to this name.
  if (!epochs.known || !now.removed()) return {};
  const std::optional<Snapshot> before = std::exchange(before_, Snapshot{now, epochs});
  if (!std::exchange(begun_, true)) return {.appended = 0, .removed = 0, .trimmed = 0};
  if (!before || before->epochs.keys != epochs.keys || IsAnotherStream(before->stream, now)) {
    return {};
  }
  appended_ += *now.added - *before->stream.added;
  removed_ += *now.removed() - *before->stream.removed();
  Totals totals{.appended = appended_, .removed = removed_, .trimmed = {}};
  const bool no_deletions = before->epochs.deletions == epochs.deletions;
  if (const auto trimmed = TrimmedBetween(before->stream, now, no_deletions)) {
    trimmed_ += *trimmed;
    totals.trimmed = trimmed_;
  }
  return totals;
}

void StreamCounters::Rebase() { before_.reset(); }

GroupCounters::Totals GroupCounters::Observe(const Moment& now, const Context& context,
                                             Trace* trace) {
  if (!Tried(trace, "the server tells entries-added and its command statistics", Counts(now))) {
    return {};
  }
  const std::string_view broken =
      before_ ? BreakBetween(*before_, now) : "it is the first poll that saw the group";
  const bool continuous = broken.empty();
  Tried(trace, "only reads have moved the group since the poll before", continuous, broken);
  none_ahead_ = NoneAhead(now, context.rewound, continuous) ||
                (context.highest_pending && *context.highest_pending <= now.group.delivered);
  highest_seen_ = context.highest_pending;
  const Anchor present{now, context, none_ahead_, LowestPending(now, context, continuous)};
  before_ = now;
  CountLost(present, continuous);
  const bool first_sight = !std::exchange(begun_, true);
  if (!continuous || !counted_) {
    counted_ = present;
    if (!first_sight) return {};
    BeginAcknowledged(present);
    return {.delivered = 0, .acknowledged = acknowledged_, .lost = 0};
  }
  Totals totals{.delivered = {}, .acknowledged = {}, .lost = lost_};
  const auto delivered = Delivered(*counted_, present);
  if (!Tried(trace, "deliveries can be told from removals", delivered.has_value())) {
    // Waiting helps only as long as one of the two counts is missing.
    if (context.lag.messages && now.group.read) counted_ = present;
    return totals;
  }
  delivered_ += *delivered;
  totals.delivered = delivered_;
  if (Tried(trace, "pending entries can only have gone by XACK",
            OnlyAcknowledged(*counted_, present))) {
    const std::uint64_t open = counted_->moment.group.pending + *delivered;
    acknowledged_ = acknowledged_.value_or(0) + open - std::min(open, now.group.pending);
    totals.acknowledged = acknowledged_;
  } else if (BeginAcknowledged(present)) {
    totals.acknowledged = acknowledged_;
  }
  counted_ = present;
  return totals;
}

void GroupCounters::Rebase() {
  before_.reset();
  none_ahead_ = false;
  highest_seen_.reset();
  seen_lowest_.reset();
  counted_.reset();
  missing_.reset();
}

// The PEL is read after the snapshot, when claims may have dropped its lowest entries: what was
// there at the snapshot had been seen the time before as well, or was delivered since.
std::optional<EntryId> GroupCounters::LowestPending(const Moment& now, const Context& context,
                                                    bool continuous) {
  if (!context.pending_seen) {
    seen_lowest_.reset();
    return std::nullopt;
  }
  const EntryId seen = context.oldest_pending.value_or(now.group.delivered);
  const auto seen_before = std::exchange(seen_lowest_, seen);
  if (now.group.pending == 0) return now.group.delivered;
  if (!continuous || !seen_before) return std::nullopt;
  return std::min(*seen_before, seen);
}

bool GroupCounters::NoneAhead(const Moment& now, bool rewound, bool continuous) const {
  if (now.group.pending == 0) return true;
  // A busy group has got some since the snapshot; they are behind its position at the next one.
  const bool passed = highest_seen_ && *highest_seen_ <= now.group.delivered;
  return (none_ahead_ || passed) && continuous && !rewound &&
         before_->epochs.claims == now.epochs.claims;
}

bool GroupCounters::MustAskWhatIsAhead(const Moment& now, bool rewound) const {
  return Counts(now) && !NoneAhead(now, rewound, before_ && Continuous(*before_, now));
}

// A - R - lag is what was appended, is not there to be delivered, and was not delivered. While the
// group is not moved it rises only by removal ahead of delivery: a delivery that the server counts
// changes nothing, and where it estimates R anew it sets the difference to 0.
void GroupCounters::CountLost(const Anchor& now, bool continuous) {
  if (!continuous || !now.moment.group.read) missing_.reset();
  const Lag& lag = now.context.lag;
  if (!now.moment.group.read || !lag.messages || lag.source == LagSource::kCalibrated) return;
  const std::uint64_t missing = Missing(now.moment, *lag.messages);
  if (missing_ && missing > *missing_) lost_ += missing - *missing_;
  missing_ = missing;
}

std::optional<std::uint64_t> GroupCounters::Delivered(const Anchor& from, const Anchor& to) {
  const StreamFacts& was = from.moment.stream;
  const StreamFacts& is = to.moment.stream;
  const EntryId start = from.moment.group.delivered;
  if (to.moment.group.delivered == start) return 0;

  std::optional<std::uint64_t> by_read;  // the server's own count
  if (from.moment.group.read && to.moment.group.read) {
    by_read = *to.moment.group.read - std::min(*to.moment.group.read, *from.moment.group.read);
  }
  std::optional<std::uint64_t> by_lag;  // what was passed: delivered, or removed before that
  if (from.context.lag.messages && to.context.lag.messages) {
    const std::uint64_t ahead = *from.context.lag.messages + (*is.added - *was.added);
    by_lag = ahead - std::min(ahead, *to.context.lag.messages);
  }
  const bool first_kept = is.first && *is.first <= start;
  const bool none_removed_ahead =
      was.removed() == is.removed() || (first_kept && *is.max_deleted <= start);
  // Where the two differ, unread entries were removed, or the server has estimated its count anew.
  if (by_lag && (none_removed_ahead || by_read == by_lag)) return by_lag;
  if (by_read && first_kept && *is.max_deleted < start) return by_read;
  return std::nullopt;
}

// Not before it can be told what is acknowledged from then on: that would be missing for ever.
bool GroupCounters::BeginAcknowledged(const Anchor& from) {
  if (acknowledged_ || !from.context.pending_seen || from.context.rewound || !from.none_ahead) {
    return false;
  }
  acknowledged_ = 0;
  return true;
}

// False when delivered - pending may have risen in another way: pending entries went with a deleted
// consumer or, by DELREF, with their message, or were dropped by a claim that found their message
// gone; or an entry that was still pending was delivered again, after SETID, and counts once among
// the pending.
bool GroupCounters::OnlyAcknowledged(const Anchor& from, const Anchor& to) {
  const bool reached_others = to.moment.group.delivered != from.moment.group.delivered;
  if (!from.context.pending_seen || from.context.rewound) return false;
  if (reached_others && !from.none_ahead) return false;
  const Epochs& was = from.moment.epochs;
  const Epochs& is = to.moment.epochs;
  if (was.consumers != is.consumers) return false;
  const auto& lowest = from.lowest_pending;
  const StreamFacts& stream = to.moment.stream;
  const bool none_trimmed = lowest && stream.first && *stream.first <= *lowest;
  if (none_trimmed && *stream.max_deleted < *lowest) return true;
  const bool trimming_drops =
      to.context.trims_references && from.moment.stream.removed() != stream.removed();
  if (trimming_drops && !none_trimmed) return false;
  return was.claims == is.claims && was.autoclaims == is.autoclaims &&
         was.references == is.references;
}

}  // namespace streamgauge
