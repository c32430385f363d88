// The second part of a poll: per group only what its snapshot makes worth asking for. The oldest
// pending entry, the oldest unread entry, the consumers (large targets take turns), and how many
// pending entries have lost their message.
#pragma once

#include <cstdint>

#include "model/error.h"
#include "model/name.h"
#include "redis/pipeline.h"
#include "redis/poll_work.h"

namespace streamgauge {

class DetailPhase {
 public:
  struct Settings {
    std::uint32_t max_consumers_per_group = 0;
    bool stream_bytes = false;
  };

  DetailPhase(const Settings& settings, NameTable& consumer_names)
      : settings_(settings), consumer_names_(consumer_names) {}

  Result<void> Run(Pipeline& pipeline, PollWork& work);

 private:
  Result<void> AskGroup(Pipeline& pipeline, PollWork& work, std::size_t index);
  void AskOldestPending(Pipeline& pipeline, PollWork& work, GroupWork& group);
  void AskOldestUnread(Pipeline& pipeline, PollWork& work, GroupWork& group);
  void AskConsumers(Pipeline& pipeline, PollWork& work, GroupWork& group);
  void TakeConsumers(const Reply& reply, PollWork& work, GroupWork& group);
  Result<void> AskTrimmedPending(Pipeline& pipeline, PollWork& work);
  Result<void> AskMemory(Pipeline& pipeline, PollWork& work);

  Settings settings_;
  NameTable& consumer_names_;
};

}  // namespace streamgauge
