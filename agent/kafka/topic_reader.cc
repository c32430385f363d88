#include "kafka/topic_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>

#include "kafka/rd_error.h"

namespace streamgauge::kafka {
namespace {

// Keeps one answer below a megabyte or so.
constexpr std::size_t kTopicsPerRequest = 500;

// Of one request: shared by what sends it and what takes its failure.
using Names = std::shared_ptr<const std::vector<std::string>>;

template <typename Send>
void InBatches(const std::vector<std::string>& names, const Send& send) {
  for (std::size_t at = 0; at < names.size(); at += kTopicsPerRequest) {
    const auto first = names.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t count = std::min(kTopicsPerRequest, names.size() - at);
    send(std::make_shared<const std::vector<std::string>>(
        first, first + static_cast<std::ptrdiff_t>(count)));
  }
}

PartitionDescription PartitionOf(const rd_kafka_TopicPartitionInfo_t* info) {
  PartitionDescription partition;
  partition.partition = rd_kafka_TopicPartitionInfo_partition(info);
  const rd_kafka_Node_t* leader = rd_kafka_TopicPartitionInfo_leader(info);
  if (leader != nullptr && rd_kafka_Node_id(leader) >= 0) {
    partition.leader = rd_kafka_Node_id(leader);
  }
  std::size_t count = 0;
  rd_kafka_TopicPartitionInfo_replicas(info, &count);
  partition.replicas = static_cast<std::int32_t>(count);
  rd_kafka_TopicPartitionInfo_isr(info, &count);
  partition.in_sync_replicas = static_cast<std::int32_t>(count);
  return partition;
}

Result<TopicDescription> DescriptionOf(const rd_kafka_TopicDescription_t* topic) {
  const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(topic);
  if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(ErrorOf(rd_kafka_error_code(error),
                                   std::string("topic ") + rd_kafka_TopicDescription_name(topic),
                                   rd_kafka_error_string(error)));
  }
  TopicDescription description;
  const rd_kafka_Uuid_t* id = rd_kafka_TopicDescription_topic_id(topic);
  description.id = {rd_kafka_Uuid_most_significant_bits(id),
                    rd_kafka_Uuid_least_significant_bits(id)};
  std::size_t count = 0;
  const rd_kafka_TopicPartitionInfo_t** partitions =
      rd_kafka_TopicDescription_partitions(topic, &count);
  description.partitions.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    description.partitions.push_back(PartitionOf(partitions[i]));
  }
  return description;
}

std::optional<bool> AllowsReading(const rd_kafka_TopicDescription_t* topic) {
  std::size_t count = 0;
  const rd_kafka_AclOperation_t* operations =
      rd_kafka_TopicDescription_authorized_operations(topic, &count);
  if (operations == nullptr || count == 0) return std::nullopt;
  return std::any_of(operations, operations + count, [](rd_kafka_AclOperation_t one) {
    return one == RD_KAFKA_ACL_OPERATION_READ || one == RD_KAFKA_ACL_OPERATION_ALL;
  });
}

std::optional<std::int64_t> NumberOf(const char* text) {
  std::int64_t number = 0;
  const char* end = text + std::strlen(text);
  const auto parsed = std::from_chars(text, end, number);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(number) : std::nullopt;
}

Result<TopicSettings> SettingsOf(const rd_kafka_ConfigResource_t* resource) {
  const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resource);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(
        ErrorOf(code, "topic settings", rd_kafka_ConfigResource_error_string(resource)));
  }
  TopicSettings settings;
  bool policy_seen = false;
  std::size_t count = 0;
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = rd_kafka_ConfigEntry_name(entries[i]);
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    if (value == nullptr) continue;
    if (name == "retention.ms") settings.retention_ms = NumberOf(value);
    if (name == "retention.bytes") settings.retention_bytes = NumberOf(value);
    if (name == "cleanup.policy") {
      TakeCleanupPolicy(value, settings);
      policy_seen = true;
    }
  }
  if (!policy_seen) {
    return std::unexpected(Error{Reason::kBadReply, "topic settings: no cleanup.policy"});
  }
  return settings;
}

void DescribeBatch(AdminRequests& requests, const Names& names, std::optional<std::int32_t> broker,
                   const std::function<void(const std::string&, Result<TopicDescription>)>& take) {
  AdminRequest request;
  request.kind = "describe_topics";
  request.broker = broker;
  request.send = [names](rd_kafka_t* handle, const rd_kafka_AdminOptions_t* options,
                         rd_kafka_queue_t* queue) {
    std::vector<const char*> raw;
    raw.reserve(names->size());
    for (const std::string& name : *names) raw.push_back(name.c_str());
    const RdTopicCollection topics(rd_kafka_TopicCollection_of_topic_names(raw.data(), raw.size()));
    rd_kafka_DescribeTopics(handle, topics.get(), options, queue);
  };
  request.done = [&take](rd_kafka_event_t* event) {
    std::size_t count = 0;
    const rd_kafka_TopicDescription_t** topics =
        rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event), &count);
    for (std::size_t i = 0; i < count; ++i) {
      take(rd_kafka_TopicDescription_name(topics[i]), DescriptionOf(topics[i]));
    }
  };
  request.failed = [names, &take](const RequestError& error) {
    for (const std::string& name : *names) take(name, std::unexpected(error.error));
  };
  requests.Add(std::move(request));
}

RdConfigResource SettingsQuery(const std::string& topic) {
  RdConfigResource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  // Named entries alone are sent back: a topic has about 35.
  for (const char* name : {"retention.ms", "retention.bytes", "cleanup.policy"}) {
    rd_kafka_ConfigResource_set_config(resource.get(), name, "");
  }
  return resource;
}

void ReadSettingsBatch(AdminRequests& requests, const Names& names,
                       std::optional<std::int32_t> broker,
                       const std::function<void(const std::string&, Result<TopicSettings>)>& take) {
  AdminRequest request;
  request.kind = "describe_configs";
  request.broker = broker;
  request.send = [names](rd_kafka_t* handle, const rd_kafka_AdminOptions_t* options,
                         rd_kafka_queue_t* queue) {
    std::vector<RdConfigResource> owned;
    std::vector<rd_kafka_ConfigResource_t*> raw;
    for (const std::string& name : *names) {
      owned.push_back(SettingsQuery(name));
      raw.push_back(owned.back().get());
    }
    rd_kafka_DescribeConfigs(handle, raw.data(), raw.size(), options, queue);
  };
  request.done = [&take](rd_kafka_event_t* event) {
    std::size_t count = 0;
    const rd_kafka_ConfigResource_t** resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event), &count);
    for (std::size_t i = 0; i < count; ++i) {
      take(rd_kafka_ConfigResource_name(resources[i]), SettingsOf(resources[i]));
    }
  };
  request.failed = [names, &take](const RequestError& error) {
    for (const std::string& name : *names) take(name, std::unexpected(error.error));
  };
  requests.Add(std::move(request));
}

}  // namespace

void DescribeTopics(AdminRequests& requests, const std::vector<std::string>& names,
                    std::optional<std::int32_t> broker,
                    const std::function<void(const std::string&, Result<TopicDescription>)>& take) {
  InBatches(names, [&](const Names& batch) { DescribeBatch(requests, batch, broker, take); });
  requests.Run();
}

Result<std::optional<bool>> MayRead(AdminRequests& requests, const std::string& topic) {
  Result<std::optional<bool>> result;
  AdminRequest request;
  request.kind = "describe_topics";
  request.authorized_operations = true;
  request.send = [&topic](rd_kafka_t* handle, const rd_kafka_AdminOptions_t* options,
                          rd_kafka_queue_t* queue) {
    const char* name = topic.c_str();
    const RdTopicCollection topics(rd_kafka_TopicCollection_of_topic_names(&name, 1));
    rd_kafka_DescribeTopics(handle, topics.get(), options, queue);
  };
  request.done = [&result](rd_kafka_event_t* event) {
    std::size_t count = 0;
    const rd_kafka_TopicDescription_t** topics =
        rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event), &count);
    if (count != 1) return;
    const auto described = DescriptionOf(topics[0]);
    if (described) {
      result = AllowsReading(topics[0]);
    } else if (described.error().reason != Reason::kNotFound) {
      result = std::unexpected(described.error());
    }
  };
  request.failed = [&result](const RequestError& error) { result = std::unexpected(error.error); };
  requests.Add(std::move(request));
  requests.Run();
  return result;
}

void ReadTopicSettings(AdminRequests& requests, const std::vector<std::string>& names,
                       std::optional<std::int32_t> broker,
                       const std::function<void(const std::string&, Result<TopicSettings>)>& take) {
  InBatches(names, [&](const Names& batch) { ReadSettingsBatch(requests, batch, broker, take); });
  requests.Run();
}

void TakeCleanupPolicy(std::string_view policy, TopicSettings& settings) {
  settings.deletes = policy.find("delete") != std::string_view::npos;
  settings.compacts = policy.find("compact") != std::string_view::npos;
}

}  // namespace streamgauge::kafka
