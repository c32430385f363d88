// What tests do to a Kafka: topics, records, committed offsets. librdkafka with plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/kafka_handles.h"

namespace streamgauge::test {

struct KafkaOffset {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

struct KafkaWatermarks {
  std::int64_t start = 0;
  std::int64_t end = 0;  // the high watermark, whatever transactions are open
};

// Not thread-safe. Every method waits until the cluster has done it and throws std::runtime_error
// with the broker's words when it has not.
class KafkaClient {
 public:
  explicit KafkaClient(const std::string& bootstrap, KafkaProperties properties = {});

  // Returns once every partition has a leader.
  void CreateTopic(const std::string& topic, int partitions = 1,
                   const std::map<std::string, std::string>& config = {}, int replicas = 1);
  void DeleteTopic(const std::string& topic);
  // Empty topics of one partition, all in one request, and their end. They do not wait for leaders.
  void CreateTopics(const std::vector<std::string>& topics);
  void DeleteTopics(const std::vector<std::string>& topics);
  // The node that leads a partition; -1: nobody.
  int LeaderOf(const std::string& topic, std::int32_t partition);
  void AddPartitions(const std::string& topic, int total);
  // Removes the records before `offset`.
  void DeleteRecords(const std::string& topic, std::int32_t partition, std::int64_t offset);

  // `count` records of `bytes` bytes; with `time` as their timestamp if there is one. Returns once
  // they are acknowledged.
  void Produce(const std::string& topic, std::int32_t partition, int count, std::size_t bytes = 10,
               std::optional<std::chrono::system_clock::time_point> time = std::nullopt);

  // Commits for a group without members, which makes the group if there is none.
  void CommitOffsets(const std::string& group, const std::vector<KafkaOffset>& offsets);
  // The same for many groups side by side.
  void CommitOffsets(const std::map<std::string, std::vector<KafkaOffset>>& by_group);
  void DeleteGroup(const std::string& group);

  // A right on the topic or group of exactly this name.
  void AllowOn(rd_kafka_ResourceType_t resource, const std::string& name,
               rd_kafka_AclOperation_t operation, const std::string& user);

  // Of a user that there is, or of a new one.
  void SetScramPassword(const std::string& mechanism, const std::string& user,
                        const std::string& password);

  KafkaWatermarks Watermarks(const std::string& topic, std::int32_t partition);
  // The group's committed offsets; partitions without one are absent.
  std::vector<KafkaOffset> CommittedOffsets(const std::string& group);

  // True when `nodes` brokers are there and every coordinator answers: only then is a list of the
  // groups complete. `offsets_partitions` is how many partitions __consumer_offsets has.
  bool Ready(int nodes, int offsets_partitions);

 private:
  using Submit = std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;
  // Runs one admin request and returns its result.
  KafkaEvent Admin(rd_kafka_admin_op_t op, const std::string& what, const Submit& submit);
  static KafkaEvent AdminOn(rd_kafka_t* handle, rd_kafka_admin_op_t op, const std::string& what,
                            const Submit& submit);
  // The node that leads each partition, or -1; empty when the topic is not known.
  std::optional<std::vector<int>> LeadersOf(const std::string& topic);
  int CountLeaders(const std::string& topic);
  void WaitForLeaders(const std::string& topic, int partitions);

  KafkaHandle handle_;
  // librdkafka crashes when a coordinator that is loading answers a handle without a group.
  KafkaHandle offsets_handle_;
};

// A producer's transaction that stays open as long as the test wants. One at a time per id.
class KafkaTransaction {
 public:
  KafkaTransaction(const std::string& bootstrap, const std::string& transactional_id);

  // Begins a transaction if none is open. Returns once the broker has the records.
  void Produce(const std::string& topic, std::int32_t partition, int count);
  // Both return once the marker is in every partition, which is a little after the producer was
  // told so.
  void Commit();
  void Abort();

 private:
  void End(const std::function<rd_kafka_error_t*()>& end);
  std::vector<std::int64_t> EndOffsets();

  KafkaHandle handle_;
  KafkaClient client_;
  std::set<std::pair<std::string, std::int32_t>> touched_;
  bool open_ = false;
};

}  // namespace streamgauge::test
