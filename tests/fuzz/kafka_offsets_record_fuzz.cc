// Records of the offsets topic: what is read was in the bytes, and what is written as the broker
// does reads as itself.
#include <string>

#include "fuzz/fuzzer.h"
#include "kafka/offsets_bytes.h"
#include "kafka/offsets_record.h"

namespace streamgauge::kafka {
namespace {

using test::Require;

bool IsWithin(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void CheckKey(std::string_view bytes) {
  const OffsetsRecordKey key = DecodeOffsetsKey(bytes);
  Require(IsWithin(key.group, bytes) && IsWithin(key.topic, bytes), "names are within the key");
  if (!key.group.empty()) {
    const auto length =
        static_cast<std::uint8_t>(bytes[2]) << 8 | static_cast<std::uint8_t>(bytes[3]);
    Require(static_cast<std::size_t>(length) == key.group.size(), "a name is whole");
  }
  if (key.kind == OffsetsRecordKind::kCommit) {
    const std::string written =
        CommitKey(key.group, key.topic, key.partition);  // holds `again`'s names
    const OffsetsRecordKey again = DecodeOffsetsKey(written);
    Require(again.kind == key.kind && again.group == key.group && again.topic == key.topic &&
                again.partition == key.partition,
            "a key that is written reads as itself");
    Require(written.size() <= bytes.size(), "nothing was made up of missing bytes");
  }
  for (const std::int32_t partitions : {1, 50, INT32_MAX}) {
    const std::int32_t partition = OffsetsPartitionOf(key.group, partitions);
    Require(partition >= 0 && partition < partitions, "a group's partition exists");
  }
}

void CheckValue(std::string_view bytes) {
  if (const auto value = DecodeCommitValue(bytes)) {
    Require(bytes.size() >= 20, "a commit's version, offset, metadata and time were there");
    const auto version = static_cast<std::int16_t>(bytes[1]);
    const auto again = DecodeCommitValue(CommitBytes(version, value->offset, value->timestamp_ms));
    Require(again && again->offset == value->offset && again->timestamp_ms == value->timestamp_ms,
            "a value that is written reads as itself");
  }
  for (const auto kind : {OffsetsRecordKind::kCommit, OffsetsRecordKind::kGeneration,
                          OffsetsRecordKind::kEpoch, OffsetsRecordKind::kBad}) {
    const auto number = DecodeRebalanceNumber(kind, bytes);
    Require(!number || bytes.size() >= 6, "a number of four bytes was there");
  }
}

}  // namespace
}  // namespace streamgauge::kafka

STREAMGAUGE_FUZZER(kafka_offsets_record) {
  using namespace streamgauge::kafka;
  CheckKey(input);
  CheckValue(input);
}
