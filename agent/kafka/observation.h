// What the brokers said, as plain values: made by the readers from librdkafka's results, taken in
// by the tracked topics and groups.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/offset.h"
#include "model/reading.h"
#include "model/time.h"

namespace streamgauge::kafka {

// A topic's own identity, which a re-created topic of the same name does not share. All zero where
// the broker is too old (before 2.8) to tell.
struct TopicId {
  std::int64_t most = 0;
  std::int64_t least = 0;
  bool known() const { return most != 0 || least != 0; }
  bool operator==(const TopicId&) const = default;
};

struct PartitionDescription {
  std::int32_t partition = 0;
  std::optional<std::int32_t> leader;  // absent: offline
  std::int32_t replicas = 0;
  std::int32_t in_sync_replicas = 0;
};

struct TopicDescription {
  TopicId id;
  std::vector<PartitionDescription> partitions;
};

// The part of a topic's configuration that says when records go.
struct TopicSettings {
  std::optional<std::int64_t> retention_ms;  // -1: without limit
  std::optional<std::int64_t> retention_bytes;
  bool deletes = true;    // cleanup.policy contains delete
  bool compacts = false;  // cleanup.policy contains compact
};

struct GroupListing {
  std::string group;
  MembersState state = MembersState::kUnknown;
  std::int32_t broker = 0;  // which listed it, hence coordinates it
};

// Which partitions of one topic the members of a group have.
struct TopicAssignment {
  std::string topic;
  std::uint32_t members = 0;  // that have one of them
  std::vector<std::int32_t> partitions;
};

struct GroupDescription {
  MembersState state = MembersState::kUnknown;
  std::uint32_t members = 0;
  std::vector<TopicAssignment> topics;
};

struct PartitionOffset {
  std::int32_t partition = 0;
  Offset offset = 0;
  bool operator==(const PartitionOffset&) const = default;
};

// All that a group has committed on one topic.
struct TopicOffsets {
  std::string topic;
  std::vector<PartitionOffset> partitions;
  // Where its commits are followed: how many were seen, and the broker's time of the last one.
  std::optional<std::uint64_t> commits;
  std::optional<WallTime> last_commit;
};

// All committed offsets of one group, each topic once.
using GroupOffsets = std::vector<TopicOffsets>;

}  // namespace streamgauge::kafka
