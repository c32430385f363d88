#include "redis/stream_state.h"

#include <algorithm>

namespace streamgauge {

bool Rewind::Observe(EntryId delivered, const StreamFacts& stream) {
  if (before_ && delivered < *before_)
    old_place_ = std::max(old_place_.value_or(*before_), *before_);
  if (old_place_ && stream.last) old_place_ = std::min(*old_place_, *stream.last);
  if (old_place_ && Passed(delivered, stream)) old_place_.reset();
  before_ = delivered;
  return old_place_.has_value();
}

bool Rewind::Passed(EntryId delivered, const StreamFacts& stream) const {
  const bool nothing_left = stream.length == 0 || (stream.first && *stream.first > *old_place_);
  return nothing_left || delivered >= *old_place_;
}

std::optional<EntryId> OldestUnread::Recall(const Moment& now) const {
  if (!learnt_ || !Continuous(learnt_->moment, now)) return std::nullopt;
  const StreamFacts& was = learnt_->moment.stream;
  const bool stood_still = learnt_->moment.group.delivered == now.group.delivered;
  const bool none_removed = was.removed() && was.removed() == now.stream.removed();
  if (!stood_still || !none_removed || IsAnotherStream(was, now.stream)) return std::nullopt;
  return learnt_->entry;
}

void BeginAnew(StreamState& stream, std::uint64_t incarnation) {
  stream.incarnation = incarnation;
  stream.before.reset();
  stream.counters.Rebase();
  for (auto& [name, group] : stream.groups) BeginAnew(group, incarnation);
}

void ReadFrom(StreamState& stream, std::uint64_t server) {
  const bool another = stream.server != 0 && stream.server != server;
  stream.server = server;
  if (!another) return;
  stream.counters.Rebase();
  for (auto& [name, group] : stream.groups) {
    group.lag.Forget();
    group.counters.Rebase();
    group.oldest_unread.Forget();
    group.list.reset();
  }
}

void BeginAnew(GroupState& group, std::uint64_t incarnation) {
  group.incarnation = incarnation;
  group.lag.Forget();
  group.counters.Rebase();
  group.rewind.Forget();
  group.oldest_unread.Forget();
  group.list.reset();
}

}  // namespace streamgauge
