#include "kafka/topic_offsets.h"

#include <optional>
#include <utility>
#include <vector>

#include "kafka/offset_reader.h"

namespace streamgauge::kafka {
namespace {

// Parallel arrays: what is asked, for whom, and what came back.
struct Asked {
  std::vector<OffsetQuery> queries;
  std::vector<TrackedPartition*> partitions;
  std::vector<std::optional<Offset>> starts;
};

Asked MissingOf(const AdminRequests& requests, const TrackedTopics& topics) {
  Asked asked;
  for (const auto& [name, topic] : topics) {
    if (topic->missing_since || topic->rests) continue;
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      TrackedPartition& partition = topic->partitions[i];
      if (partition.staged || !partition.leader || requests.IsSilent(*partition.leader)) {
        continue;
      }
      asked.queries.push_back({name.c_str(), static_cast<std::int32_t>(i), *partition.leader, 0});
      asked.partitions.push_back(&partition);
    }
  }
  asked.starts.resize(asked.queries.size());
  return asked;
}

// Leaves those that satisfy `keep(index)`.
template <typename Keep>
Asked Filter(const Asked& all, const Keep& keep) {
  Asked kept;
  for (std::size_t i = 0; i < all.queries.size(); ++i) {
    if (!keep(i)) continue;
    kept.queries.push_back(all.queries[i]);
    kept.partitions.push_back(all.partitions[i]);
    kept.starts.push_back(all.starts[i]);
  }
  return kept;
}

}  // namespace

std::optional<Error> ReadMissingOffsets(AdminRequests& requests, const TrackedTopics& topics) {
  std::optional<Error> first_error;
  Asked asked = MissingOf(requests, topics);
  const auto failed = [&](std::size_t index, Error error) {
    requests.CountItemError(error);
    if (error.reason == Reason::kTimeout) requests.NoteSilent(asked.queries[index].leader);
    if (!first_error) first_error = std::move(error);
  };
  ReadOffsets(requests, OffsetKind::kStart, asked.queries,
              [&](std::size_t index, Result<OffsetAnswer> answer) {
                if (!answer) return failed(index, std::move(answer.error()));
                asked.starts[index] = answer->offset;
              });
  asked = Filter(asked, [&](std::size_t index) { return asked.starts[index].has_value(); });
  const SteadyTime now = std::chrono::steady_clock::now();
  ReadOffsets(requests, OffsetKind::kEnd, asked.queries,
              [&](std::size_t index, Result<OffsetAnswer> answer) {
                if (!answer) return failed(index, std::move(answer.error()));
                asked.partitions[index]->StageOffsets(*asked.starts[index], answer->offset, now);
              });
  asked = Filter(asked, [&](std::size_t index) {
    TrackedPartition& partition = *asked.partitions[index];
    return partition.staged.has_value() && !partition.KeepStable();
  });
  ReadOffsets(requests, OffsetKind::kStable, asked.queries,
              [&](std::size_t index, Result<OffsetAnswer> answer) {
                if (!answer) return failed(index, std::move(answer.error()));
                asked.partitions[index]->StageStable(answer->offset);
              });
  return first_error;
}

}  // namespace streamgauge::kafka
