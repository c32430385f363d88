#include "kafka/admin_committed_offsets.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/partition_check.h"
#include "kafka/rd_error.h"

namespace streamgauge::kafka {
namespace {

constexpr int kMaxRounds = 6;
constexpr Duration kPauseBetweenRounds{200};

// The answer's partitions stand by topic, or nearly so.
TopicOffsets& TopicOf(GroupOffsets& offsets, std::map<std::string_view, std::size_t>& places,
                      const char* topic) {
  if (!offsets.empty() && offsets.back().topic == topic) return offsets.back();
  const auto [place, added] = places.emplace(topic, offsets.size());
  if (added) offsets.push_back({topic, {}, {}, {}});
  return offsets[place->second];
}

GroupOffsets OffsetsOf(rd_kafka_event_t* event) {
  GroupOffsets offsets;
  std::size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
  if (count != 1) return offsets;
  const rd_kafka_topic_partition_list_t* list = rd_kafka_group_result_partitions(groups[0]);
  if (list == nullptr) return offsets;
  std::map<std::string_view, std::size_t> places;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = list->elems[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR || one.offset < 0) continue;
    TopicOf(offsets, places, one.topic).partitions.push_back({one.partition, one.offset});
  }
  return offsets;
}

// One partition that could not be read makes the group's answer incomplete: what is missing from it
// would look like "nothing committed".
rd_kafka_resp_err_t FirstError(rd_kafka_event_t* event) {
  std::size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
  if (count != 1) return RD_KAFKA_RESP_ERR__BAD_MSG;
  if (const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[0])) {
    return rd_kafka_error_code(error);
  }
  const rd_kafka_topic_partition_list_t* list = rd_kafka_group_result_partitions(groups[0]);
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return list->elems[i].err;
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

using Take = std::function<void(std::size_t, Result<GroupOffsets>)>;

// Asks once; indices to ask again go to `again`, but for groups that are away.
void AskOne(AdminRequests& requests, std::span<const GroupQuery> groups, std::size_t index,
            bool look_up, std::vector<std::size_t>& again, const Take& take) {
  const GroupQuery& query = groups[index];
  AdminRequest request;
  request.kind = "offset_fetch";
  if (!look_up) request.broker = query.coordinator;
  if (!request.broker) requests.CountRequest("find_coordinator");
  request.send = [&query](rd_kafka_t* handle, const rd_kafka_AdminOptions_t* options,
                          rd_kafka_queue_t* queue) {
    const RdGroupOffsetsQuery owned(
        rd_kafka_ListConsumerGroupOffsets_new(query.group.c_str(), nullptr));
    rd_kafka_ListConsumerGroupOffsets_t* raw = owned.get();
    rd_kafka_ListConsumerGroupOffsets(handle, &raw, 1, options, queue);
  };
  const bool patient = !query.away;
  request.done = [index, patient, &requests, &again, &take](rd_kafka_event_t* event) {
    const rd_kafka_resp_err_t code = FirstError(event);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      GroupOffsets offsets = OffsetsOf(event);
      CheckPartitions(requests, offsets);
      return take(index, std::move(offsets));
    }
    if (patient && IsPassing(code)) return again.push_back(index);
    take(index, std::unexpected(ErrorOf(code, "reading committed offsets")));
  };
  request.failed = [index, patient, &again, &take](RequestError error) {
    if (patient && error.passing) return again.push_back(index);
    take(index, std::unexpected(std::move(error.error)));
  };
  requests.Add(std::move(request));
}

}  // namespace

void AskForOffsets(AdminRequests& requests, std::span<const GroupQuery> groups,
                   const TakeGroupOffsets& take_all) {
  AnsweredBy by = AnsweredBy::kCoordinator;
  const Take take = [&](std::size_t index, Result<GroupOffsets> offsets) {
    take_all(index, std::move(offsets), by);
  };
  std::vector<std::size_t> now(groups.size());
  for (std::size_t i = 0; i < now.size(); ++i) now[i] = i;
  for (int round = 0; round < kMaxRounds && !now.empty(); ++round) {
    if (round > 0) {
      by = AnsweredBy::kAnother;
      requests.Pause(kPauseBetweenRounds);
    }
    std::vector<std::size_t> again;
    for (const std::size_t index : now) AskOne(requests, groups, index, round > 0, again, take);
    requests.Run();
    now = std::move(again);
  }
  for (const std::size_t index : now) {
    take(index, std::unexpected(Error{Reason::kUnavailable,
                                      "reading committed offsets: the coordinator is not ready"}));
  }
}

void AdminCommittedOffsets::Read(AdminRequests& requests, std::span<const GroupQuery> groups,
                                 CommittedOffsetsTaker& taker) {
  AskForOffsets(requests, groups,
                [&](std::size_t index, Result<GroupOffsets> offsets, AnsweredBy by) {
                  if (offsets) return taker.TakeOffsets(index, *offsets, by);
                  taker.TakeError(index, offsets.error());
                });
}

}  // namespace streamgauge::kafka
