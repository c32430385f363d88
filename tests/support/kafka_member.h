// A consumer that is a member of a group, in a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "support/kafka_handles.h"

namespace streamgauge::test {

enum class GroupProtocol : std::uint8_t { kClassic, kConsumer };  // the latter is KIP-848

struct KafkaMemberOptions {
  std::string group;
  std::vector<std::string> topics;
  GroupProtocol protocol = GroupProtocol::kClassic;
  bool commits = true;                      // after every record; false: reads and never commits
  bool reads = true;                        // false: joins, and fetches nothing
  std::chrono::milliseconds per_record{0};  // how long it works on one
  KafkaProperties properties;
};

// Joins at construction and leaves at destruction. Reads from the start of a partition that has no
// committed offset. The methods may be called from any thread.
class KafkaMember {
 public:
  KafkaMember(const std::string& bootstrap, KafkaMemberOptions options);
  ~KafkaMember();
  KafkaMember(const KafkaMember&) = delete;
  KafkaMember& operator=(const KafkaMember&) = delete;

  int assigned_partitions() const;
  std::int64_t consumed() const { return consumed_; }

 private:
  void Poll(const std::stop_token& stop);
  void PauseAssignment();

  KafkaMemberOptions options_;
  KafkaHandle handle_;
  std::atomic<std::int64_t> consumed_ = 0;
  std::jthread thread_;
};

}  // namespace streamgauge::test
