// Committed offsets by one request per group and poll (OffsetFetch), a bounded number at a time.
#pragma once

#include <functional>

#include "kafka/committed_offsets.h"

namespace streamgauge::kafka {

// Takes what one group has committed, by the group's index.
using TakeGroupOffsets =
    std::function<void(std::size_t index, Result<GroupOffsets> offsets, AnsweredBy by)>;

// Coordinators that are loading or have moved are asked again a few times within the poll. Calls
// `take` once for every group.
void AskForOffsets(AdminRequests& requests, std::span<const GroupQuery> groups,
                   const TakeGroupOffsets& take);

class AdminCommittedOffsets : public CommittedOffsets {
 public:
  void Read(AdminRequests& requests, std::span<const GroupQuery> groups,
            CommittedOffsetsTaker& taker) override;
};

}  // namespace streamgauge::kafka
