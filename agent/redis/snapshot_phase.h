// The first part of a poll: each stream and its groups in one MULTI/EXEC, so that their figures
// belong to one moment, framed by what the server says of itself (is it a primary, and its command
// statistics) and followed by its time. Where the server has no memory left to queue them, by other
// means.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "config/config.h"
#include "model/error.h"
#include "model/name.h"
#include "redis/pipeline.h"
#include "redis/poll_work.h"

namespace streamgauge {

class SnapshotPhase {
 public:
  struct Settings {
    const NameFilter* groups = nullptr;
    std::uint32_t max_groups = 0;
    std::uint64_t server = 0;     // as StreamState::server
    bool command_counts = false;  // Redis 7 and later: only there are they of use
    // The node of a cluster that says where else a stream is gets no error for it.
    const RedisAddress* redirected_from = nullptr;
  };

  // `next_incarnation` is taken and raised when something turns out to be re-created.
  SnapshotPhase(const Settings& settings, NameTable& group_names,
                std::atomic<std::uint64_t>& next_incarnation)
      : settings_(settings), group_names_(group_names), next_incarnation_(next_incarnation) {}

  // Reads `work.streams`, all that there is time for, and none when the server is a replica, or
  // became one meanwhile. An error means that the connection is lost; trouble with a stream is in
  // the work.
  Result<void> Run(Pipeline& pipeline, PollWork& work);

 private:
  Result<void> AskStreams(Pipeline& pipeline, PollWork& work);
  // What frames the streams at their end; sends everything.
  Result<void> AskEnd(Pipeline& pipeline, PollWork& work);
  void AskServer(Pipeline& pipeline, PollWork& work, std::optional<CommandCounts>& counts);
  void NoteError(const Reply& reply, Request request, PollWork& work, std::uint32_t stream) const;
  void AskStream(Pipeline& pipeline, PollWork& work, std::uint32_t stream);
  // Those streams that the server did not queue the questions about, without MULTI.
  Result<void> AskNotQueued(Pipeline& pipeline, PollWork& work);
  void AskUnqueued(Pipeline& pipeline, PollWork& work, std::uint32_t stream);
  void AskFacts(Pipeline& pipeline, PollWork& work, std::uint32_t stream,
                std::function<void(const StreamFacts&)> take);
  void TakeSnapshot(const Reply& exec, PollWork& work, std::uint32_t stream);
  std::optional<StreamFacts> FactsFrom(const Reply& reply, PollWork& work, std::uint32_t stream);
  void Take(const StreamFacts& facts, const std::vector<NamedGroup>& groups, PollWork& work,
            std::uint32_t stream);
  Result<StreamFacts> TakeFacts(const Reply& reply, StreamWork& stream);
  void TakeGroup(const NamedGroup& group, PollWork& work, std::uint32_t stream);
  void NoteBudget(StreamWork& stream) const;

  Settings settings_;
  NameTable& group_names_;
  std::atomic<std::uint64_t>& next_incarnation_;
};

}  // namespace streamgauge
