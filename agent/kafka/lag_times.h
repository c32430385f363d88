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
  // REQUIRES: the groups are settled at `now`, and refer to `topics` alone.
  void Fill(AdminRequests& requests, const TrackedTopics& topics, TrackedGroups& groups,
            SteadyTime now, WallTime wall_now, const TracedGroup* traced = nullptr);

 private:
  // One partition of one group whose record is searched for.
  struct Wanted {
    TrackedGroupPartition* mine;
    const TimestampSearch* search;
  };
  // The same of a group that is explained: apart, as there are very many of the others.
  struct Traced {
    Wanted wanted;
    std::size_t number;
    Trace* trace;
  };
  // One partition that has searches.
  struct Place {
    const TrackedTopic* topic;
    std::int32_t number;
    TrackedPartition* partition;
  };

  // When it is, and whom to tell.
  struct Moment {
    SteadyTime now;
    WallTime wall_now;
    const TracedGroup* traced;
  };
  void Collect(TrackedGroups& groups, const Moment& moment);
  void Consider(TrackedGroupTopic& on, std::size_t number, const Moment& moment, Trace* trace);
  void Search(AdminRequests& requests, std::vector<Place> places);
  std::size_t AskOnce(AdminRequests& requests, const std::vector<Place>& places, std::size_t most);
  void TakeFound(AdminRequests& requests, WallTime wall_now);
  void TellFound() const;

  std::vector<Wanted> wanted_;  // of this poll
  std::vector<Traced> traced_;  // likewise
  std::size_t turn_ = 0;        // whose turn it is to be asked first when not all can be
};

}  // namespace streamgauge::kafka
