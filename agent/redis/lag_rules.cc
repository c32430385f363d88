#include "redis/lag_rules.h"

namespace streamgauge {
namespace {

// A - R. Negative when the group was created with a made-up ENTRIESREAD.
std::int64_t Unread(const Moment& moment) {
  return static_cast<std::int64_t>(*moment.stream.added) -
         static_cast<std::int64_t>(*moment.group.read);
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

std::optional<std::uint64_t> ExactLag(const StreamFacts& stream, EntryId delivered) {
  if (stream.length == 0) return 0;
  if (!stream.first || !stream.last) return std::nullopt;
  if (delivered >= *stream.last) return 0;
  if (delivered < *stream.first) return stream.length;
  if (delivered == *stream.first) return stream.length - 1;
  return std::nullopt;
}

bool Continuous(const Moment& before, const Moment& now) {
  if (!HasCounters(before) || !HasCounters(now)) return false;
  if (!before.epochs.known || !now.epochs.known || before.epochs.keys != now.epochs.keys ||
      before.epochs.groups != now.epochs.groups) {
    return false;
  }
  const GroupFacts& was = before.group;
  const GroupFacts& is = now.group;
  if (is.delivered < was.delivered || *now.stream.added < *before.stream.added ||
      *now.stream.last_generated < *before.stream.last_generated) {
    return false;
  }
  // A group that stands ahead of its stream: entries may be appended behind it.
  if (was.delivered > *before.stream.last_generated) return false;
  const bool moved = is.delivered != was.delivered;
  // XCLAIM LASTID moves a group past entries that were not delivered.
  if (moved && before.epochs.claims != now.epochs.claims) return false;
  return !was.read || !is.read || (*is.read >= *was.read && moved == (*is.read != *was.read));
}

bool CountsEveryDelivery(const Moment& before, const Moment& now) {
  if (!before.group.read || !now.group.read || !Continuous(before, now)) return false;
  // Strictly less: with the entry at D itself deleted, newer servers (Valkey 9.1) estimate R anew
  // at the next delivery instead of counting on.
  return now.stream.first && *now.stream.first <= before.group.delivered &&
         *now.stream.max_deleted < before.group.delivered;
}

Lag LagTracker::Observe(const Moment& now) {
  if (now.stream.length > 0 && (!now.stream.first || !now.stream.last)) return {};
  if (before_ && skew_ && !CountsEveryDelivery(*before_, now)) skew_.reset();
  before_ = now;
  if (const auto exact = ExactLag(now.stream, now.group.delivered)) {
    Calibrate(now, *exact);
    return {LagSource::kExact, exact};
  }
  if (!skew_) return {};
  const std::int64_t lag = Unread(now) - *skew_;
  // The bounds that hold whenever rules 1 to 3 do not. Outside them the server's counters lie.
  if (lag < 1 || lag > static_cast<std::int64_t>(now.stream.length) - 1) {
    skew_.reset();
    return {};
  }
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
  if (HasCounters(now) && now.group.read) skew_ = Unread(now) - static_cast<std::int64_t>(lag);
}

}  // namespace streamgauge
