#include "redis/stream_state.h"

#include <algorithm>

namespace streamgauge {

bool Rewind::Observe(EntryId delivered) {
  if (before_ && delivered < *before_)
    old_place_ = std::max(old_place_.value_or(*before_), *before_);
  if (old_place_ && delivered >= *old_place_) old_place_.reset();
  before_ = delivered;
  return old_place_.has_value();
}

void BeginAnew(StreamState& stream, std::uint64_t incarnation) {
  stream.incarnation = incarnation;
  stream.before.reset();
  stream.counters.Rebase();
  for (auto& [name, group] : stream.groups) BeginAnew(group, incarnation);
}

void BeginAnew(GroupState& group, std::uint64_t incarnation) {
  group.incarnation = incarnation;
  group.lag.Forget();
  group.counters.Rebase();
  group.rewind.Forget();
}

}  // namespace streamgauge
