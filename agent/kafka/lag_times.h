// How old the oldest unread record of each group and partition is: from the observed window where
// it reaches back that far, else by a search that may take several polls. Used by the source's
// thread.
#pragma once

#include <cstddef>
#include <vector>

#include "kafka/admin_requests.h"
#include "kafka/tracked_group.h"
#include "model/time.h"

namespace streamgauge::kafka {

class LagTimes {
 public:
  // Fills lag_seconds of all partitions whose lag was read in this poll, where it can be known.
  // REQUIRES: the groups are settled.
  void Fill(AdminRequests& requests, TrackedGroups& groups, SteadyTime now, WallTime wall_now);

 private:
  // One partition of one group whose record has to be searched for.
  struct Wanted {
    TrackedGroupPartition* mine;
    const TrackedTopic* topic;
    std::int32_t partition;
    std::int32_t leader;
  };

  void Collect(TrackedGroups& groups, SteadyTime now, WallTime wall_now);
  void Consider(TrackedGroupPartition& mine, const TrackedTopic& topic, std::size_t partition,
                SteadyTime now, WallTime wall_now);
  void Search(AdminRequests& requests);
  std::size_t AskOnce(AdminRequests& requests, std::size_t most);
  void TakeFound(AdminRequests& requests, WallTime wall_now);

  std::vector<Wanted> wanted_;  // of this poll
  std::size_t turn_ = 0;        // who is asked first when not all can be
};

}  // namespace streamgauge::kafka
