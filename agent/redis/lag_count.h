// Rule 5: knowing a lag by counting entries, where the server's counters cannot tell it. Pages of
// XRANGE from both ends of what is unknown (after D towards E, and from F towards D) until either
// is through, so that the smaller side decides the cost. Bounded per group by count_limit and per
// poll by the budgets below; what does not fit stays unknown and is counted as deferred.
//
// The same counts check some calibrated lags in every poll.
#pragma once

#include <cstdint>
#include <vector>

#include "model/error.h"
#include "model/telemetry.h"
#include "redis/pipeline.h"
#include "redis/poll_work.h"

namespace streamgauge {

// A count in progress on one group: entries in (D, E] and in [F, D] of its snapshot.
class LagCount {
 public:
  // REQUIRES: F <= D < E.
  LagCount(const GroupWork& group, std::uint64_t limit);

  // The next page's range on each side, as ids for XRANGE, and what it brought.
  struct Side {
    EntryId next;  // where the next page begins
    EntryId end;   // inclusive
    std::uint64_t counted = 0;
    bool through = false;

    // `asked` is the COUNT of the page.
    void Take(const EntryRange& page, std::size_t asked);
  };
  Side unread;
  Side read;

  bool Finished() const;
  // The lag of the snapshot. Empty while unfinished, and when the limit was reached.
  std::optional<std::uint64_t> Lag() const;

 private:
  std::uint64_t length_;
  std::uint64_t limit_;
};

// True when nothing was removed between the snapshot and a look taken after the count: the entries
// of the snapshot were all there while we counted.
bool NothingRemoved(const StreamFacts& snapshot, const StreamFacts& after);

class LagCounting {
 public:
  LagCounting(std::uint64_t count_limit, Telemetry& telemetry)
      : count_limit_(count_limit), telemetry_(telemetry) {}

  // Counts groups without a lag, then verifies a few calibrated ones, and enters the results into
  // the work and the groups' trackers.
  Result<void> Run(Pipeline& pipeline, PollWork& work);

 private:
  struct Job {
    GroupWork* group;
    LagCount count;
    bool verifies = false;
    bool failed = false;  // an error reply, or entries were removed meanwhile
    bool concluded = false;
  };
  static bool IsOpen(const Job& job);
  // Tells of each traced job what came of it.
  static void TellOutcomes(const std::vector<Job>& jobs);
  std::vector<Job> ChooseUnknown(PollWork& work) const;
  std::vector<Job> ChooseVerified(PollWork& work) const;
  Result<void> Finish(Pipeline& pipeline, PollWork& work, std::vector<Job>& jobs);
  Result<void> AskPages(Pipeline& pipeline, PollWork& work, Job& job);
  Result<void> Validate(Pipeline& pipeline, PollWork& work, std::vector<Job>& jobs);
  void Conclude(Job& job);

  std::uint64_t count_limit_;
  Telemetry& telemetry_;
  std::uint64_t entries_left_ = 0;  // of this poll's budget
};

}  // namespace streamgauge
