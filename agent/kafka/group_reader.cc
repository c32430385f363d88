#include "kafka/group_reader.h"

#include <algorithm>
#include <map>
#include <utility>

#include "kafka/rd_error.h"

namespace streamgauge::kafka {
namespace {

// librdkafka knows no word for KIP-848's "assigning" and "reconciling": unknown here.
MembersState StateOf(rd_kafka_consumer_group_state_t state) {
  switch (state) {
    case RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE:
      return MembersState::kPreparingRebalance;
    case RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE:
      return MembersState::kCompletingRebalance;
    case RD_KAFKA_CONSUMER_GROUP_STATE_STABLE:
      return MembersState::kStable;
    case RD_KAFKA_CONSUMER_GROUP_STATE_DEAD:
      return MembersState::kDead;
    case RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY:
      return MembersState::kEmpty;
    default:
      return MembersState::kUnknown;
  }
}

// A list with an error beside it is not complete: a group that is missing may be there.
Result<std::vector<GroupListing>> ListingsOf(rd_kafka_event_t* event, std::int32_t broker) {
  const rd_kafka_ListConsumerGroups_result_t* result =
      rd_kafka_event_ListConsumerGroups_result(event);
  std::size_t count = 0;
  const rd_kafka_error_t** errors = rd_kafka_ListConsumerGroups_result_errors(result, &count);
  if (count > 0) {
    return std::unexpected(ErrorOf(rd_kafka_error_code(errors[0]), "listing the groups",
                                   rd_kafka_error_string(errors[0])));
  }
  const rd_kafka_ConsumerGroupListing_t** valid =
      rd_kafka_ListConsumerGroups_result_valid(result, &count);
  std::vector<GroupListing> listings;
  listings.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    listings.push_back({rd_kafka_ConsumerGroupListing_group_id(valid[i]),
                        StateOf(rd_kafka_ConsumerGroupListing_state(valid[i])), broker});
  }
  return listings;
}

void AddAssignment(const rd_kafka_MemberDescription_t* member,
                   std::map<std::string, TopicAssignment>& topics) {
  const rd_kafka_topic_partition_list_t* assigned =
      rd_kafka_MemberAssignment_partitions(rd_kafka_MemberDescription_assignment(member));
  if (assigned == nullptr) return;
  std::map<std::string, bool> counted;
  for (int i = 0; i < assigned->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = assigned->elems[i];
    TopicAssignment& topic = topics[one.topic];
    topic.topic = one.topic;
    topic.partitions.push_back(one.partition);
    if (!std::exchange(counted[one.topic], true)) ++topic.members;
  }
}

Result<GroupDescription> DescriptionOf(rd_kafka_event_t* event) {
  std::size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** groups =
      rd_kafka_DescribeConsumerGroups_result_groups(
          rd_kafka_event_DescribeConsumerGroups_result(event), &count);
  if (count != 1) {
    return std::unexpected(Error{Reason::kBadReply, "describing a group: not one description"});
  }
  const rd_kafka_error_t* error = rd_kafka_ConsumerGroupDescription_error(groups[0]);
  if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(
        ErrorOf(rd_kafka_error_code(error), "describing a group", rd_kafka_error_string(error)));
  }
  GroupDescription description;
  description.state = StateOf(rd_kafka_ConsumerGroupDescription_state(groups[0]));
  const std::size_t members = rd_kafka_ConsumerGroupDescription_member_count(groups[0]);
  description.members = static_cast<std::uint32_t>(members);
  std::map<std::string, TopicAssignment> topics;
  for (std::size_t i = 0; i < members; ++i) {
    AddAssignment(rd_kafka_ConsumerGroupDescription_member(groups[0], i), topics);
  }
  for (auto& [name, assignment] : topics) description.topics.push_back(std::move(assignment));
  return description;
}

// A classic group takes a second request: librdkafka asks for a KIP-848 group first.
bool IsClassic(rd_kafka_event_t* event) {
  std::size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** groups =
      rd_kafka_DescribeConsumerGroups_result_groups(
          rd_kafka_event_DescribeConsumerGroups_result(event), &count);
  return count == 1 &&
         rd_kafka_ConsumerGroupDescription_type(groups[0]) == RD_KAFKA_CONSUMER_GROUP_TYPE_CLASSIC;
}

}  // namespace

void ListGroups(
    AdminRequests& requests, const std::vector<std::int32_t>& brokers,
    const std::function<void(std::int32_t broker, Result<std::vector<GroupListing>>)>& take) {
  for (const std::int32_t broker : brokers) {
    AdminRequest request;
    request.kind = "list_groups";
    request.broker = broker;
    request.send = [](rd_kafka_t* handle, const rd_kafka_AdminOptions_t* options,
                      rd_kafka_queue_t* queue) {
      rd_kafka_ListConsumerGroups(handle, options, queue);
    };
    request.done = [broker, &take](rd_kafka_event_t* event) {
      take(broker, ListingsOf(event, broker));
    };
    request.failed = [broker, &take](RequestError error) {
      take(broker, std::unexpected(std::move(error.error)));
    };
    requests.Add(std::move(request));
  }
  requests.Run();
}

void DescribeGroups(AdminRequests& requests, std::span<const GroupQuery> groups,
                    const std::function<void(std::size_t index, Result<GroupDescription>)>& take) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    AdminRequest request;
    request.kind = "describe_groups";
    request.broker = groups[i].coordinator;
    request.send = [&query = groups[i]](rd_kafka_t* handle, const rd_kafka_AdminOptions_t* options,
                                        rd_kafka_queue_t* queue) {
      const char* group = query.group.c_str();
      rd_kafka_DescribeConsumerGroups(handle, &group, 1, options, queue);
    };
    request.done = [i, &take, &requests](rd_kafka_event_t* event) {
      if (IsClassic(event)) requests.CountRequest("describe_groups");
      take(i, DescriptionOf(event));
    };
    request.failed = [i, &take](RequestError error) {
      take(i, std::unexpected(std::move(error.error)));
    };
    requests.Add(std::move(request));
  }
  requests.Run();
}

}  // namespace streamgauge::kafka
