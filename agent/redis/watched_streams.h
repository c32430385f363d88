// The streams that a target's source watches, whichever node each of them is on, with what is
// remembered of them from poll to poll. Owned by the source and used by its polling thread; the
// states are handed to the nodes' readers, each to one at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/name.h"
#include "redis/discovery.h"
#include "redis/stream_state.h"

namespace streamgauge {

class WatchedStreams {
 public:
  explicit WatchedStreams(std::uint32_t max_streams) : max_streams_(max_streams) {}

  // Takes what all nodes have found. A stream that none of them has found (any more) is watched on
  // until it is known to be gone: it may be on its way from one node to another, or on one that has
  // not been searched yet.
  void Take(std::vector<FoundNamesRef> found);

  const std::vector<StreamState*>& streams() const { return streams_; }  // by name
  std::uint64_t over_limit() const { return over_limit_; }

  // Drops what has not been seen since `poll`, though it was looked for: not what is on a node that
  // could not be read.
  void Forget(std::uint64_t poll);

 private:
  const std::uint32_t max_streams_;
  NameTable names_{NameKind::kStream};
  std::map<std::string, StreamState, std::less<>> states_;
  std::vector<StreamState*> streams_;
  std::vector<FoundNamesRef> found_;
  bool lingering_ = false;  // some are watched that nobody has found
  std::uint64_t over_limit_ = 0;
};

}  // namespace streamgauge
