#include "redis/watched_streams.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace streamgauge {

void WatchedStreams::Take(std::vector<FoundNamesRef> found) {
  if (found == found_ && !lingering_) return;
  found_ = std::move(found);
  FoundNames names(max_streams_);
  for (const FoundNamesRef& of_one : found_) names.Add(*of_one);
  lingering_ = false;
  for (const StreamState* stream : streams_) {
    const std::string_view name = stream->name->text();
    const bool was_there = stream->last_poll != 0 && !stream->gone;
    if (!was_there || names.names().contains(name)) continue;
    names.Add(std::string(name));
    lingering_ = true;
  }
  over_limit_ = names.over_limit();

  streams_.clear();
  streams_.reserve(names.names().size());
  for (const std::string& name : names.names()) {
    StreamState& stream = states_[name];
    if (!stream.name) stream.name = names_.Intern(name);
    streams_.push_back(&stream);
  }
}

void WatchedStreams::Forget(std::uint64_t poll) {
  const std::set<const StreamState*> watched(streams_.begin(), streams_.end());
  for (auto at = states_.begin(); at != states_.end();) {
    StreamState& stream = at->second;
    // One that the stream had when it was last read may be there still.
    std::erase_if(stream.groups, [&](const auto& item) {
      return item.second.last_poll < std::min(poll, stream.last_poll);
    });
    const bool stays = watched.contains(&stream) || stream.last_poll >= poll;
    at = stays ? std::next(at) : states_.erase(at);
  }
  names_.Sweep();
}

}  // namespace streamgauge
