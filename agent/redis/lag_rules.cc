#include "redis/lag_rules.h"

namespace streamgauge {
namespace {

// Wraps around, back and forth alike: XSETID and ENTRIESREAD take any number.
std::int64_t Difference(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::int64_t>(a - b);
}

// A - R. Negative when the group was created with a made-up ENTRIESREAD.
std::int64_t Unread(const Moment& moment) {
  return Difference(*moment.stream.added, *moment.group.read);
}

// A - R less what belongs to it: the lag, or what it is off by.
std::int64_t UnreadLess(const Moment& moment, std::uint64_t part) {
  return Difference(static_cast<std::uint64_t>(Unread(moment)), part);
}

bool HasCounters(const Moment& moment) {
  return moment.stream.added && moment.stream.last_generated && moment.stream.max_deleted;
}

}  // namespace

std::optional<std::uint64_t> StreamFacts::removed() const {
  if (!added || *added < length) return std::nullopt;
  return *added - length;
}

bool IsAnotherStream(const StreamFacts& before, const StreamFacts& now) {
  const auto fell = [](const auto& was, const auto& is) { return was && is && *is < *was; };
  return fell(before.added, now.added) || fell(before.last_generated, now.last_generated) ||
         fell(before.removed(), now.removed()) || fell(before.first, now.first) ||
         fell(before.max_deleted, now.max_deleted);
}

std::optional<std::uint64_t> ExactLag(const StreamFacts& stream, EntryId delivered, Trace* trace) {
  if (Tried(trace, "rule 1: the stream is empty: 0", stream.length == 0)) return 0;
  if (!stream.first || !stream.last) return std::nullopt;
  if (Tried(trace, "rule 1: D is at the last entry or behind it: 0", delivered >= *stream.last)) {
    return 0;
  }
  if (Tried(trace, "rule 2: D is before the first entry: L", delivered < *stream.first)) {
    return stream.length;
  }
  if (Tried(trace, "rule 3: D is the first entry: L - 1", delivered == *stream.first)) {
    return stream.length - 1;
  }
  return std::nullopt;
}

std::string_view BreakBetween(const Moment& before, const Moment& now) {
  if (!HasCounters(before) || !HasCounters(now)) {
    return "the server does not tell entries-added and max-deleted-entry-id";
  }
  if (!before.epochs.known || !now.epochs.known) {
    return "INFO commandstats does not tell whether somebody moved groups or keys";
  }
  if (before.epochs.keys != now.epochs.keys) {
    return "RENAME, RESTORE, FLUSHALL or the like was called: it may be another stream";
  }
  if (before.epochs.groups != now.epochs.groups) {
    return "XGROUP SETID, CREATE or DESTROY was called: the group may have been moved";
  }
  const GroupFacts& was = before.group;
  const GroupFacts& is = now.group;
  if (is.delivered < was.delivered) return "last-delivered-id went back";
  if (*now.stream.added < *before.stream.added ||
      *now.stream.last_generated < *before.stream.last_generated) {
    return "entries-added or last-generated-id fell: it is another stream";
  }
  // A group that stands ahead of its stream: entries may be appended behind it.
  if (was.delivered > *before.stream.last_generated) return "the group stood ahead of its stream";
  const bool moved = is.delivered != was.delivered;
  // XCLAIM LASTID moves a group past entries that were not delivered.
  if (moved && before.epochs.claims != now.epochs.claims) {
    return "XCLAIM was called while the group moved: its LASTID may have moved it";
  }
  if (!was.read || !is.read) return "";
  if (*is.read < *was.read || moved != (*is.read != *was.read)) {
    return "entries-read and last-delivered-id did not move together";
  }
  return "";
}

bool Continuous(const Moment& before, const Moment& now) {
  return BreakBetween(before, now).empty();
}

std::string_view MiscountBetween(const Moment& before, const Moment& now) {
  if (!before.group.read || !now.group.read) return "the server has lost count of entries-read";
  if (const auto broken = BreakBetween(before, now); !broken.empty()) return broken;
  // Strictly less: with the entry at D itself deleted, newer servers (Valkey 9.1) estimate R anew
  // at the next delivery instead of counting on.
  const bool all_kept = now.stream.first && *now.stream.first <= before.group.delivered &&
                        *now.stream.max_deleted < before.group.delivered;
  return all_kept ? "" : "entries at or after its position were removed";
}

bool CountsEveryDelivery(const Moment& before, const Moment& now) {
  return MiscountBetween(before, now).empty();
}

Lag LagTracker::Observe(const Moment& now, Trace* trace) {
  if (now.stream.length > 0 && (!now.stream.first || !now.stream.last)) {
    Tried(trace, "the snapshot lacks first and last entry (large entries are read rarely)", true);
    return {};
  }
  std::string_view broken = "no lag was known at an earlier poll";
  if (before_ && skew_) {
    broken = MiscountBetween(*before_, now);
    if (!broken.empty()) skew_.reset();
  }
  before_ = now;
  if (const auto exact = ExactLag(now.stream, now.group.delivered, trace)) {
    Calibrate(now, *exact);
    TellFigure(trace, "lag", "{} (exact)", *exact);
    return {LagSource::kExact, exact};
  }
  return ByCalibration(now, broken, trace);
}

Lag LagTracker::ByCalibration(const Moment& now, std::string_view broken, Trace* trace) {
  const std::string_view rule = "rule 4: (A - R) - S, where S is what that was off by earlier";
  if (!skew_) {
    Tried(trace, rule, false, broken);
    return {};
  }
  const std::int64_t lag = UnreadLess(now, static_cast<std::uint64_t>(*skew_));
  // The bounds that hold whenever rules 1 to 3 do not. Outside them the server's counters lie.
  const bool possible = lag >= 1 && lag <= static_cast<std::int64_t>(now.stream.length) - 1;
  if (!Tried(trace, rule, possible, possible ? "" : "the result is outside 1 .. L - 1")) {
    skew_.reset();
    return {};
  }
  TellFigure(trace, "lag", "{} (calibrated) = ({} - {}) - {}", lag, *now.stream.added,
             *now.group.read, *skew_);
  return {LagSource::kCalibrated, static_cast<std::uint64_t>(lag)};
}

void LagTracker::Counted(std::uint64_t lag) {
  if (before_) Calibrate(*before_, lag);
}

void LagTracker::Forget() {
  before_.reset();
  skew_.reset();
}

void LagTracker::Calibrate(const Moment& now, std::uint64_t lag) {
  skew_.reset();
  if (HasCounters(now) && now.group.read) skew_ = UnreadLess(now, lag);
}

}  // namespace streamgauge
