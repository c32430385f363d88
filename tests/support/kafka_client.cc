#include "support/kafka_client.h"

#include <algorithm>
#include <array>

#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

constexpr int kTimeoutMs = 30'000;
constexpr std::chrono::seconds kDeadline{30};

template <typename T, auto kDestroyT>
using Owner = std::unique_ptr<T, Destroy<kDestroyT>>;

std::string At(const std::string& topic, std::int32_t partition) {
  return topic + "[" + std::to_string(partition) + "]";
}

void ThrowIfTopicFailed(const rd_kafka_topic_result_t** results, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    ThrowIf(rd_kafka_topic_result_error(results[i]), rd_kafka_topic_result_name(results[i]));
  }
}

void ThrowIfPartitionFailed(const rd_kafka_topic_partition_list_t& list) {
  for (int i = 0; i < list.cnt; ++i) {
    const auto& element = list.elems[i];
    ThrowIf(element.err, At(element.topic, element.partition));
  }
}

KafkaPartitions ToList(const std::vector<KafkaOffset>& offsets) {
  KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const KafkaOffset& o : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), o.topic.c_str(), o.partition)->offset = o.offset;
  }
  return list;
}

void ProduceOne(rd_kafka_t* handle, const std::string& topic, std::int32_t partition,
                const std::string& value, std::int64_t timestamp_ms) {
  for (;;) {
    const rd_kafka_resp_err_t error =
        rd_kafka_producev(handle, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                          RD_KAFKA_V_TIMESTAMP(timestamp_ms),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      ThrowIf(error, "produce to " + At(topic, partition));
      return;
    }
    rd_kafka_poll(handle, 100);
  }
}

// Produces and waits; a record that the broker refused throws.
void ProduceAll(rd_kafka_t* handle, const std::string& topic, std::int32_t partition, int count,
                std::size_t bytes, std::int64_t timestamp_ms) {
  const std::string value(bytes, 'x');
  for (int i = 0; i < count; ++i) ProduceOne(handle, topic, partition, value, timestamp_ms);
  ThrowIf(rd_kafka_flush(handle, kTimeoutMs), "flush " + At(topic, partition));
}

}  // namespace

KafkaClient::KafkaClient(const std::string& bootstrap, KafkaProperties properties) {
  KafkaProperties for_offsets = properties;
  for_offsets["bootstrap.servers"] = bootstrap;
  for_offsets.try_emplace("group.id", "fixture");
  offsets_handle_ = MakeKafkaHandle(RD_KAFKA_CONSUMER, for_offsets);
  properties["bootstrap.servers"] = bootstrap;
  properties.try_emplace("linger.ms", "0");
  // The end offset is to be the high watermark; librdkafka's default is the last stable offset.
  properties.try_emplace("isolation.level", "read_uncommitted");
  // Topics come and go in tests: do not remember them as missing.
  properties.try_emplace("topic.metadata.propagation.max.ms", "10000");
  handle_ = MakeKafkaHandle(RD_KAFKA_PRODUCER, properties);
}

KafkaEvent KafkaClient::Admin(rd_kafka_admin_op_t op, const std::string& what,
                              const Submit& submit) {
  return AdminOn(handle_.get(), op, what, submit);
}

KafkaEvent KafkaClient::AdminOn(rd_kafka_t* handle, rd_kafka_admin_op_t op, const std::string& what,
                                const Submit& submit) {
  const KafkaQueue queue(rd_kafka_queue_new(handle));
  const KafkaOptions options(rd_kafka_AdminOptions_new(handle, op));
  std::array<char, 256> error{};
  ThrowIf(rd_kafka_AdminOptions_set_request_timeout(options.get(), kTimeoutMs, error.data(),
                                                    error.size()),
          what);
  submit(options.get(), queue.get());
  KafkaEvent event(rd_kafka_queue_poll(queue.get(), kTimeoutMs + 5'000));
  if (!event) throw std::runtime_error(what + ": no answer");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(what + ": " + rd_kafka_event_error_string(event.get()));
  }
  return event;
}

void KafkaClient::CreateTopic(const std::string& topic, int partitions,
                              const std::map<std::string, std::string>& config, int replicas) {
  std::array<char, 256> error{};
  Owner<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy> wanted(
      rd_kafka_NewTopic_new(topic.c_str(), partitions, replicas, error.data(), error.size()));
  if (!wanted) throw std::runtime_error(topic + ": " + error.data());
  for (const auto& [name, value] : config) {
    ThrowIf(rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str()), name);
  }
  rd_kafka_NewTopic_t* list[] = {wanted.get()};
  const KafkaEvent event = Admin(RD_KAFKA_ADMIN_OP_CREATETOPICS, "create " + topic,
                                 [&](const rd_kafka_AdminOptions_t* options, auto* queue) {
                                   rd_kafka_CreateTopics(handle_.get(), list, 1, options, queue);
                                 });
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event.get());
  ThrowIfTopicFailed(rd_kafka_CreateTopics_result_topics(result, &count), count);
  WaitForLeaders(topic, partitions);
}

void KafkaClient::DeleteTopic(const std::string& topic) {
  DeleteTopics({topic});
  WaitForLeaders(topic, 0);
}

void KafkaClient::CreateTopics(const std::vector<std::string>& topics) {
  std::array<char, 256> error{};
  std::vector<Owner<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>> wanted;
  std::vector<rd_kafka_NewTopic_t*> list;
  for (const std::string& topic : topics) {
    wanted.emplace_back(rd_kafka_NewTopic_new(topic.c_str(), 1, 1, error.data(), error.size()));
    list.push_back(wanted.back().get());
  }
  const KafkaEvent event =
      Admin(RD_KAFKA_ADMIN_OP_CREATETOPICS, "create topics",
            [&](const rd_kafka_AdminOptions_t* options, auto* queue) {
              rd_kafka_CreateTopics(handle_.get(), list.data(), list.size(), options, queue);
            });
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event.get());
  ThrowIfTopicFailed(rd_kafka_CreateTopics_result_topics(result, &count), count);
}

void KafkaClient::DeleteTopics(const std::vector<std::string>& topics) {
  std::vector<Owner<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy>> wanted;
  std::vector<rd_kafka_DeleteTopic_t*> list;
  for (const std::string& topic : topics) {
    wanted.emplace_back(rd_kafka_DeleteTopic_new(topic.c_str()));
    list.push_back(wanted.back().get());
  }
  const KafkaEvent event =
      Admin(RD_KAFKA_ADMIN_OP_DELETETOPICS, "delete topics",
            [&](const rd_kafka_AdminOptions_t* options, auto* queue) {
              rd_kafka_DeleteTopics(handle_.get(), list.data(), list.size(), options, queue);
            });
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DeleteTopics_result(event.get());
  ThrowIfTopicFailed(rd_kafka_DeleteTopics_result_topics(result, &count), count);
}

void KafkaClient::AddPartitions(const std::string& topic, int total) {
  std::array<char, 256> error{};
  Owner<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy> wanted(rd_kafka_NewPartitions_new(
      topic.c_str(), static_cast<std::size_t>(total), error.data(), error.size()));
  if (!wanted) throw std::runtime_error(topic + ": " + error.data());
  rd_kafka_NewPartitions_t* list[] = {wanted.get()};
  const KafkaEvent event =
      Admin(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, "add partitions to " + topic,
            [&](const rd_kafka_AdminOptions_t* options, auto* queue) {
              rd_kafka_CreatePartitions(handle_.get(), list, 1, options, queue);
            });
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreatePartitions_result(event.get());
  ThrowIfTopicFailed(rd_kafka_CreatePartitions_result_topics(result, &count), count);
  WaitForLeaders(topic, total);
}

void KafkaClient::DeleteRecords(const std::string& topic, std::int32_t partition,
                                std::int64_t offset) {
  const KafkaPartitions before = ToList({{topic, partition, offset}});
  Owner<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy> wanted(
      rd_kafka_DeleteRecords_new(before.get()));
  rd_kafka_DeleteRecords_t* list[] = {wanted.get()};
  const KafkaEvent event = Admin(RD_KAFKA_ADMIN_OP_DELETERECORDS, "delete records of " + topic,
                                 [&](const rd_kafka_AdminOptions_t* options, auto* queue) {
                                   rd_kafka_DeleteRecords(handle_.get(), list, 1, options, queue);
                                 });
  const auto* result = rd_kafka_event_DeleteRecords_result(event.get());
  ThrowIfPartitionFailed(*rd_kafka_DeleteRecords_result_offsets(result));
}

void KafkaClient::Produce(const std::string& topic, std::int32_t partition, int count,
                          std::size_t bytes,
                          std::optional<std::chrono::system_clock::time_point> time) {
  using std::chrono::duration_cast, std::chrono::milliseconds;
  // 0: the time of sending.
  const auto timestamp = time ? duration_cast<milliseconds>(time->time_since_epoch()).count() : 0;
  const KafkaWatermarks before = Watermarks(topic, partition);
  ProduceAll(handle_.get(), topic, partition, count, bytes, timestamp);
  // flush() says nothing about records that were refused.
  const KafkaWatermarks after = Watermarks(topic, partition);
  if (after.end < before.end + count) {
    throw std::runtime_error(At(topic, partition) + " did not take all records");
  }
}

void KafkaClient::CommitOffsets(const std::string& group, const std::vector<KafkaOffset>& offsets) {
  CommitOffsets({{group, offsets}});
}

void KafkaClient::CommitOffsets(const std::map<std::string, std::vector<KafkaOffset>>& by_group) {
  constexpr std::size_t kInFlight = 100;
  const KafkaQueue queue(rd_kafka_queue_new(handle_.get()));
  std::size_t in_flight = 0;
  const auto finish_one = [&] {
    const KafkaEvent event(rd_kafka_queue_poll(queue.get(), kTimeoutMs));
    if (!event) throw std::runtime_error("commit: no answer");
    ThrowIf(rd_kafka_event_error(event.get()), "commit");
    std::size_t count = 0;
    const auto* result = rd_kafka_event_AlterConsumerGroupOffsets_result(event.get());
    const auto* groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &count);
    const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[0]);
    if (error != nullptr) {
      throw std::runtime_error(std::string("commit for ") + rd_kafka_group_result_name(groups[0]) +
                               ": " + rd_kafka_error_string(error));
    }
    ThrowIfPartitionFailed(*rd_kafka_group_result_partitions(groups[0]));
    --in_flight;
  };
  for (const auto& [group, offsets] : by_group) {
    if (in_flight == kInFlight) finish_one();
    const KafkaPartitions list = ToList(offsets);
    Owner<rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_AlterConsumerGroupOffsets_destroy> wanted(
        rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list.get()));
    rd_kafka_AlterConsumerGroupOffsets_t* request[] = {wanted.get()};
    rd_kafka_AlterConsumerGroupOffsets(handle_.get(), request, 1, nullptr, queue.get());
    ++in_flight;
  }
  while (in_flight > 0) finish_one();
}

void KafkaClient::DeleteGroup(const std::string& group) {
  Owner<rd_kafka_DeleteGroup_t, rd_kafka_DeleteGroup_destroy> wanted(
      rd_kafka_DeleteGroup_new(group.c_str()));
  rd_kafka_DeleteGroup_t* list[] = {wanted.get()};
  const KafkaEvent event = Admin(RD_KAFKA_ADMIN_OP_DELETEGROUPS, "delete group " + group,
                                 [&](const rd_kafka_AdminOptions_t* options, auto* queue) {
                                   rd_kafka_DeleteGroups(handle_.get(), list, 1, options, queue);
                                 });
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DeleteGroups_result(event.get());
  const auto* groups = rd_kafka_DeleteGroups_result_groups(result, &count);
  const rd_kafka_error_t* error = count > 0 ? rd_kafka_group_result_error(groups[0]) : nullptr;
  if (error != nullptr) throw std::runtime_error(group + ": " + rd_kafka_error_string(error));
}

void KafkaClient::AllowOn(rd_kafka_ResourceType_t resource, const std::string& name,
                          rd_kafka_AclOperation_t operation, const std::string& user) {
  std::array<char, 256> error{};
  Owner<rd_kafka_AclBinding_t, rd_kafka_AclBinding_destroy> binding(rd_kafka_AclBinding_new(
      resource, name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL, ("User:" + user).c_str(), "*",
      operation, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, error.data(), error.size()));
  if (!binding) throw std::runtime_error(name + ": " + error.data());
  const KafkaEvent event = Admin(RD_KAFKA_ADMIN_OP_CREATEACLS, "rights on " + name,
                                 [&](const auto* options, auto* queue) {
                                   rd_kafka_AclBinding_t* raw = binding.get();
                                   rd_kafka_CreateAcls(handle_.get(), &raw, 1, options, queue);
                                 });
  std::size_t count = 0;
  const auto** results =
      rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_error_t* refused = rd_kafka_acl_result_error(results[i]);
    if (refused != nullptr) ThrowIf(rd_kafka_error_code(refused), "rights on " + name);
  }
}

void KafkaClient::SetScramPassword(const std::string& mechanism, const std::string& user,
                                   const std::string& password) {
  constexpr std::int32_t kIterations = 4096;
  const auto kind = mechanism == "SCRAM-SHA-256" ? RD_KAFKA_SCRAM_MECHANISM_SHA_256
                                                 : RD_KAFKA_SCRAM_MECHANISM_SHA_512;
  Owner<rd_kafka_UserScramCredentialAlteration_t, rd_kafka_UserScramCredentialAlteration_destroy>
      change(rd_kafka_UserScramCredentialUpsertion_new(
          user.c_str(), kind, kIterations, reinterpret_cast<const unsigned char*>(password.data()),
          password.size(), nullptr, 0));
  const KafkaEvent event =
      Admin(RD_KAFKA_ADMIN_OP_ALTERUSERSCRAMCREDENTIALS, "password of " + user,
            [&](const auto* options, auto* queue) {
              rd_kafka_UserScramCredentialAlteration_t* raw = change.get();
              rd_kafka_AlterUserScramCredentials(handle_.get(), &raw, 1, options, queue);
            });
  std::size_t count = 0;
  const auto** responses = rd_kafka_AlterUserScramCredentials_result_responses(
      rd_kafka_event_AlterUserScramCredentials_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* error = rd_kafka_AlterUserScramCredentials_result_response_error(responses[i]);
    if (error != nullptr) ThrowIf(rd_kafka_error_code(error), "password of " + user);
  }
}

KafkaWatermarks KafkaClient::Watermarks(const std::string& topic, std::int32_t partition) {
  KafkaWatermarks marks;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  // A broker that has just started, or a topic that was just made, may need a moment to lead.
  (void)WaitFor(
      [&] {
        error = rd_kafka_query_watermark_offsets(handle_.get(), topic.c_str(), partition,
                                                 &marks.start, &marks.end, kTimeoutMs);
        return error != RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION &&
               error != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE &&
               error != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
      },
      kDeadline);
  ThrowIf(error, "offsets of " + At(topic, partition));
  return marks;
}

std::vector<KafkaOffset> KafkaClient::CommittedOffsets(const std::string& group) {
  Owner<rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy> wanted(
      rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr));
  rd_kafka_ListConsumerGroupOffsets_t* list[] = {wanted.get()};
  const KafkaEvent event = AdminOn(
      offsets_handle_.get(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
      "offsets of group " + group, [&](const rd_kafka_AdminOptions_t* options, auto* queue) {
        rd_kafka_ListConsumerGroupOffsets(offsets_handle_.get(), list, 1, options, queue);
      });
  std::size_t count = 0;
  const auto* result = rd_kafka_event_ListConsumerGroupOffsets_result(event.get());
  const auto* groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count);
  const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[0]);
  if (error != nullptr) throw std::runtime_error(group + ": " + rd_kafka_error_string(error));
  std::vector<KafkaOffset> offsets;
  const auto* partitions = rd_kafka_group_result_partitions(groups[0]);
  if (partitions == nullptr) return offsets;  // nothing was ever committed
  for (int i = 0; i < partitions->cnt; ++i) {
    const auto& element = partitions->elems[i];
    if (element.offset >= 0) offsets.push_back({element.topic, element.partition, element.offset});
  }
  return offsets;
}

bool KafkaClient::Ready(int nodes, int offsets_partitions) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(handle_.get(), 1, nullptr, &metadata, 5'000) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return false;
  }
  const bool complete = metadata->broker_cnt >= nodes;
  rd_kafka_metadata_destroy(metadata);
  if (!complete) return false;
  try {
    // The coordinator of a group is chosen by the hash of its name, which for one letter is the
    // letter's code: consecutive letters reach every partition. Asking makes no group.
    for (int i = 0; i < offsets_partitions; ++i) {
      (void)CommittedOffsets(std::string(1, static_cast<char>('A' + i)));
    }
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::optional<std::vector<int>> KafkaClient::LeadersOf(const std::string& topic) {
  const rd_kafka_metadata_t* metadata = nullptr;
  // All topics: asking for one by name would make librdkafka remember it.
  if (rd_kafka_metadata(handle_.get(), 1, nullptr, &metadata, kTimeoutMs) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::nullopt;
  }
  std::vector<int> leaders;
  for (int t = 0; t < metadata->topic_cnt; ++t) {
    const rd_kafka_metadata_topic_t& found = metadata->topics[t];
    if (topic != found.topic) continue;
    leaders.resize(static_cast<std::size_t>(found.partition_cnt), -1);
    for (int p = 0; p < found.partition_cnt; ++p) {
      leaders.at(static_cast<std::size_t>(found.partitions[p].id)) = found.partitions[p].leader;
    }
  }
  rd_kafka_metadata_destroy(metadata);
  return leaders;
}

int KafkaClient::LeaderOf(const std::string& topic, std::int32_t partition) {
  const auto leaders = LeadersOf(topic);
  const auto at = static_cast<std::size_t>(partition);
  return leaders && at < leaders->size() ? (*leaders)[at] : -1;
}

int KafkaClient::CountLeaders(const std::string& topic) {
  const auto leaders = LeadersOf(topic);
  if (!leaders) return -1;
  return static_cast<int>(std::ranges::count_if(*leaders, [](int node) { return node >= 0; }));
}

void KafkaClient::WaitForLeaders(const std::string& topic, int partitions) {
  if (!WaitFor([&] { return CountLeaders(topic) == partitions; }, kDeadline)) {
    throw std::runtime_error(topic + " does not get " + std::to_string(partitions) + " leaders");
  }
  // The metadata tells before the leaders themselves know it.
  for (int p = 0; p < partitions; ++p) (void)Watermarks(topic, p);
}

KafkaTransaction::KafkaTransaction(const std::string& bootstrap,
                                   const std::string& transactional_id)
    : handle_(MakeKafkaHandle(RD_KAFKA_PRODUCER, {{"bootstrap.servers", bootstrap},
                                                  {"transactional.id", transactional_id},
                                                  {"transaction.timeout.ms", "300000"},
                                                  {"linger.ms", "0"}})),
      client_(bootstrap) {
  ThrowIf(rd_kafka_init_transactions(handle_.get(), kTimeoutMs), "init transactions");
}

void KafkaTransaction::Produce(const std::string& topic, std::int32_t partition, int count) {
  if (!open_) ThrowIf(rd_kafka_begin_transaction(handle_.get()), "begin transaction");
  open_ = true;
  ProduceAll(handle_.get(), topic, partition, count, 10, 0);
  touched_.emplace(topic, partition);
}

void KafkaTransaction::Commit() {
  End([this] { return rd_kafka_commit_transaction(handle_.get(), kTimeoutMs); });
}

void KafkaTransaction::Abort() {
  End([this] { return rd_kafka_abort_transaction(handle_.get(), kTimeoutMs); });
}

void KafkaTransaction::End(const std::function<rd_kafka_error_t*()>& end) {
  const auto before = EndOffsets();
  ThrowIf(end(), "end transaction");
  open_ = false;
  const auto marked = [&] {
    const auto now = EndOffsets();
    return std::equal(now.begin(), now.end(), before.begin(), std::greater<>());
  };
  if (!WaitFor(marked, kDeadline))
    throw std::runtime_error("the transaction's markers are missing");
  touched_.clear();
}

std::vector<std::int64_t> KafkaTransaction::EndOffsets() {
  std::vector<std::int64_t> ends;
  for (const auto& [topic, partition] : touched_) {
    ends.push_back(client_.Watermarks(topic, partition).end);
  }
  return ends;
}

}  // namespace streamgauge::test
