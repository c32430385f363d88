// Committed offsets by one request per group and poll (OffsetFetch), a bounded number at a time.
#pragma once

#include "kafka/committed_offsets.h"

namespace streamgauge::kafka {

class AdminCommittedOffsets : public CommittedOffsets {
 public:
  // Coordinators that are loading or have moved are asked again a few times within the poll.
  void Read(AdminRequests& requests, std::span<const GroupQuery> groups,
            const std::function<void(std::size_t index, Result<GroupOffsets>)>& take) override;
};

}  // namespace streamgauge::kafka
