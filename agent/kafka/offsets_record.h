// What a record of Kafka's own topic __consumer_offsets says. The formats are those of the brokers'
// group coordinator (0.8.2 to 4.3; the broker's jars hold their definitions). Pure: whatever the
// bytes are, the worst that happens is that they mean nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kafka/offset.h"

namespace streamgauge::kafka {

enum class OffsetsRecordKind : std::uint8_t {
  kCommit,      // a committed offset
  kGeneration,  // a classic group's metadata, written when a rebalance ends
  kEpoch,       // a KIP-848 group's metadata, written when a rebalance begins
  kMembers,     // who has what in a KIP-848 or Streams group
  kOther,       // known, and of no interest: share groups, what regular expressions match
  kUnknown,     // of a version later than this agent
  kBad          // no key that can be read
};

// What a record is about. A record without a value says that this is no more.
struct OffsetsRecordKey {
  OffsetsRecordKind kind = OffsetsRecordKind::kBad;
  std::string_view group;  // these two point into the key
  std::string_view topic;  // kCommit only
  std::int32_t partition = 0;
};
OffsetsRecordKey DecodeOffsetsKey(std::string_view bytes);

struct CommitValue {
  Offset offset = 0;
  std::int64_t timestamp_ms = 0;  // the broker's time of the commit
};
// Absent: truncated, or of a version later than this agent.
std::optional<CommitValue> DecodeCommitValue(std::string_view bytes);

// The number that rises with every rebalance of the group: the generation of kGeneration, the group
// epoch of kEpoch. Absent: truncated, or of a version later than this agent.
std::optional<std::int32_t> DecodeRebalanceNumber(OffsetsRecordKind kind, std::string_view bytes);

// The partition of __consumer_offsets that a group's records are in, of `partitions`. REQUIRES:
// partitions > 0.
std::int32_t OffsetsPartitionOf(std::string_view group, std::int32_t partitions);

}  // namespace streamgauge::kafka
