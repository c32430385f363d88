// The second part of a poll: per group only what its snapshot makes worth asking for. The oldest
// pending entry, the oldest unread entry, the consumers (at a pace of their own: consumer_lists.h),
// and how many pending entries have lost their message. Groups that there is no time for are left
// to the next poll.
#pragma once

#include <cstdint>
#include <optional>

#include "model/error.h"
#include "model/name.h"
#include "model/time.h"
#include "redis/pipeline.h"
#include "redis/poll_work.h"

namespace streamgauge {

class DetailPhase {
 public:
  struct Settings {
    std::uint32_t max_consumers_per_group = 0;
    bool stream_bytes = false;
    // Since when the server is known to be the primary, when another one was before: attempts to
    // read are not replicated, so it does not know of those that were made there.
    std::optional<WallTime> in_charge_since;
  };

  DetailPhase(const Settings& settings, NameTable& consumer_names)
      : settings_(settings), consumer_names_(consumer_names) {}

  Result<void> Run(Pipeline& pipeline, PollWork& work);

 private:
  Result<void> AskGroups(Pipeline& pipeline, PollWork& work);
  Result<void> AskGroup(Pipeline& pipeline, PollWork& work, std::size_t index);
  void AskOldestPending(Pipeline& pipeline, PollWork& work, GroupWork& group);
  static void AskPendingAhead(Pipeline& pipeline, PollWork& work, GroupWork& group);
  void AskOldestUnread(Pipeline& pipeline, PollWork& work, std::size_t index);
  // Groups that stand at the same place have the same oldest unread entry.
  static void ShareUnread(PollWork& work);
  void AskConsumers(Pipeline& pipeline, PollWork& work, GroupWork& group);
  bool KnowsLastAttempt(std::uint64_t idle_ms, WallTime now) const;
  void TakeConsumers(const Reply& reply, PollWork& work, GroupWork& group);
  Result<void> AskTrimmedPending(Pipeline& pipeline, PollWork& work);
  Result<void> AskMemory(Pipeline& pipeline, PollWork& work);

  Settings settings_;
  NameTable& consumer_names_;
};

}  // namespace streamgauge
