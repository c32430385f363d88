// Holds a broker's answers against what partition numbers can be. For those who ask.
#pragma once

#include "kafka/admin_requests.h"
#include "kafka/partition_bound.h"

namespace streamgauge::kafka {

// Leaves out what cannot be, and counts that it was there. `Answer`: what DropImpossible takes.
template <typename Answer>
void CheckPartitions(AdminRequests& requests, Answer& answer) {
  if (DropImpossible(answer) == 0) return;
  requests.CountItemError({Reason::kBadReply, "a partition number that cannot be"});
}

}  // namespace streamgauge::kafka
