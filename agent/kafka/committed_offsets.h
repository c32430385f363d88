// Where committed offsets come from. One implementation asks the brokers once per group; one that
// follows the groups' commits as they happen can take its place. Used by the source's thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kafka/admin_requests.h"
#include "kafka/group_reader.h"
#include "kafka/observation.h"

namespace streamgauge::kafka {

// All committed offsets of one group, those of one topic together.
using GroupOffsets = std::vector<CommittedOffset>;

class CommittedOffsets {
 public:
  virtual ~CommittedOffsets() = default;

  // Brings the offsets of `groups` up to now and calls `take` at most once for each, by its index:
  // with all that it has committed, or with the reason why that could not be read. kNotFound: the
  // coordinator knows no such group. A group that is not reported has not changed since it was last
  // reported, and that is known, not assumed.
  virtual void Read(AdminRequests& requests, std::span<const GroupQuery> groups,
                    const std::function<void(std::size_t index, Result<GroupOffsets>)>& take) = 0;
};

}  // namespace streamgauge::kafka
