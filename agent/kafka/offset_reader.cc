#include "kafka/offset_reader.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/rd_error.h"

namespace streamgauge::kafka {
namespace {

// librdkafka compares every answer with every question of a request: with more, its CPU time grows
// faster than the number of requests falls.
constexpr std::size_t kPartitionsPerRequest = 1000;

using Take = std::function<void(std::size_t, Result<OffsetAnswer>)>;
using Indices = std::vector<std::size_t>;

// A request names each partition once and goes to one leader.
class Batches {
 public:
  void Add(std::span<const OffsetQuery> queries, std::size_t index) {
    const OffsetQuery& query = queries[index];
    Leader& leader = by_leader_[query.leader];
    std::vector<Indices>& batches = leader.batches;
    while (leader.full < batches.size() && IsFull(batches[leader.full])) ++leader.full;
    std::size_t& next = leader.next[{query.topic, query.partition}];
    next = std::max(next, leader.full);
    while (next < batches.size() && IsFull(batches[next])) ++next;
    if (next == batches.size()) batches.emplace_back();
    batches[next++].push_back(index);
  }

  std::vector<Indices> Take() {
    std::vector<Indices> all;
    for (auto& [number, leader] : by_leader_) {
      for (Indices& batch : leader.batches) all.push_back(std::move(batch));
    }
    return all;
  }

 private:
  struct Leader {
    std::vector<Indices> batches;
    std::size_t full = 0;  // of the first ones
    // The first batch that has no question yet about a partition.
    std::map<std::pair<const char*, std::int32_t>, std::size_t> next;
  };
  static bool IsFull(const Indices& batch) { return batch.size() == kPartitionsPerRequest; }

  std::map<std::int32_t, Leader> by_leader_;
};

// The usual case, in which each partition is named once anyway.
std::vector<Indices> SplitByLeader(std::span<const OffsetQuery> queries) {
  std::map<std::int32_t, std::vector<Indices>> by_leader;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    std::vector<Indices>& batches = by_leader[queries[i].leader];
    if (batches.empty() || batches.back().size() == kPartitionsPerRequest) batches.emplace_back();
    batches.back().push_back(i);
  }
  std::vector<Indices> all;
  for (auto& [leader, batches] : by_leader) {
    for (Indices& batch : batches) all.push_back(std::move(batch));
  }
  return all;
}

std::vector<Indices> Split(OffsetKind kind, std::span<const OffsetQuery> queries) {
  if (kind != OffsetKind::kAtTime) return SplitByLeader(queries);
  Batches batches;
  for (std::size_t i = 0; i < queries.size(); ++i) batches.Add(queries, i);
  return batches.Take();
}

std::int64_t SpecOf(OffsetKind kind, const OffsetQuery& query) {
  switch (kind) {
    case OffsetKind::kStart:
      return RD_KAFKA_OFFSET_SPEC_EARLIEST;
    case OffsetKind::kEnd:
    case OffsetKind::kStable:
      return RD_KAFKA_OFFSET_SPEC_LATEST;
    case OffsetKind::kAtTime:
      break;
  }
  return query.timestamp_ms;
}

Result<OffsetAnswer> AnswerOf(OffsetKind kind, const rd_kafka_ListOffsetsResultInfo_t* info) {
  const rd_kafka_topic_partition_t* one = rd_kafka_ListOffsetsResultInfo_topic_partition(info);
  if (one->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(ErrorOf(one->err, "reading offsets"));
  }
  // Where a leader's whole answer is missing, librdkafka leaves an invalid offset and no error.
  const bool none_at_time = kind == OffsetKind::kAtTime && one->offset == -1;
  if (one->offset < 0 && !none_at_time) {
    return std::unexpected(Error{Reason::kUnavailable, "reading offsets: the leader is silent"});
  }
  return OffsetAnswer{one->offset, rd_kafka_ListOffsetsResultInfo_timestamp(info)};
}

void TakeAnswers(OffsetKind kind, const Indices& indices, rd_kafka_event_t* event,
                 const Take& take) {
  std::size_t count = 0;
  const rd_kafka_ListOffsetsResultInfo_t** infos =
      rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event), &count);
  // Answers stand in the order of the questions.
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (i < count) {
      take(indices[i], AnswerOf(kind, infos[i]));
    } else {
      take(indices[i], std::unexpected(Error{Reason::kBadReply, "reading offsets: no answer"}));
    }
  }
}

AdminRequest RequestFor(OffsetKind kind, std::span<const OffsetQuery> queries, Indices indices,
                        const Take& take) {
  const auto shared = std::make_shared<const Indices>(std::move(indices));
  AdminRequest request;
  request.kind = "list_offsets";
  request.isolation = kind == OffsetKind::kStable ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
                                                  : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED;
  request.send = [kind, queries, shared](rd_kafka_t* handle, const rd_kafka_AdminOptions_t* options,
                                         rd_kafka_queue_t* queue) {
    const RdPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(shared->size())));
    for (const std::size_t index : *shared) {
      const OffsetQuery& query = queries[index];
      rd_kafka_topic_partition_list_add(list.get(), query.topic, query.partition)->offset =
          SpecOf(kind, query);
    }
    rd_kafka_ListOffsets(handle, list.get(), options, queue);
  };
  request.done = [kind, shared, &take](rd_kafka_event_t* event) {
    TakeAnswers(kind, *shared, event, take);
  };
  request.failed = [shared, &take](RequestError error) {
    for (const std::size_t index : *shared) take(index, std::unexpected(error.error));
  };
  return request;
}

}  // namespace

void ReadOffsets(AdminRequests& requests, OffsetKind kind, std::span<const OffsetQuery> queries,
                 const Take& take) {
  for (Indices& indices : Split(kind, queries)) {
    requests.Add(RequestFor(kind, queries, std::move(indices), take));
  }
  requests.Run();
}

}  // namespace streamgauge::kafka
