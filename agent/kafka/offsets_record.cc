#include "kafka/offsets_record.h"

#include <array>

#include "kafka/byte_reader.h"

namespace streamgauge::kafka {
namespace {

// From this version on strings have compact lengths and structures tagged fields.
constexpr std::int16_t kFlexibleValue = 4;
constexpr std::int16_t kLastValueVersion = 4;

// By key version, which is the number of the record's kind. 9 was never used.
constexpr auto kKinds = [] {
  using enum OffsetsRecordKind;
  return std::array{
      kCommit,  kCommit,  kGeneration,                      // 0-2
      kEpoch,   kMembers, kMembers,                         // 3 ConsumerGroupMetadata, 4, 5
      kMembers, kMembers, kMembers,                         // 6, 7 target assignment, 8 current one
      kUnknown,                                             // 9
      kOther,   kOther,   kOther,      kOther,   kOther,    // 10-14 share groups
      kOther,                                               // 15 ShareGroupStatePartitionMetadata
      kOther,                                               // 16 ConsumerGroupRegularExpression
      kMembers, kMembers, kMembers,    kMembers, kMembers,  // 17-21 Streams groups
      kMembers, kMembers,                                   // 22, 23
  };
}();

std::string_view Text(ByteReader& reader, bool flexible) {
  return flexible ? reader.CompactString() : reader.String();
}

std::optional<std::int32_t> GenerationOf(ByteReader& reader, std::int16_t version) {
  if (version < 0 || version > kLastValueVersion) return std::nullopt;
  Text(reader, version >= kFlexibleValue);  // the protocol's type
  const std::int32_t generation = reader.Int32();
  return reader.ok() ? std::optional(generation) : std::nullopt;
}

// One UTF-16 code unit after the other, as Java hashes them.
class JavaHash {
 public:
  void Add(std::uint32_t code_point) {
    if (code_point >= 0x10000) {
      code_point -= 0x10000;
      AddUnit(0xD800 + (code_point >> 10));
      code_point = 0xDC00 + (code_point & 0x3FF);
    }
    AddUnit(code_point);
  }
  std::uint32_t value() const { return value_; }

 private:
  void AddUnit(std::uint32_t unit) { value_ = value_ * 31 + unit; }
  std::uint32_t value_ = 0;
};

// How many bytes follow the first one of a character. The broker's names are valid UTF-8.
int FollowersOf(std::uint8_t first) { return first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1; }

std::uint32_t JavaHashOf(std::string_view text) {
  JavaHash hash;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<std::uint8_t>(text[i]);
    if (first < 0x80) {
      hash.Add(first);
      continue;
    }
    int followers = FollowersOf(first);
    std::uint32_t code_point = first & (0x3FU >> followers);
    for (; followers > 0 && i + 1 < text.size(); --followers) {
      code_point = code_point << 6 | (static_cast<std::uint8_t>(text[++i]) & 0x3FU);
    }
    hash.Add(code_point);
  }
  return hash.value();
}

}  // namespace

OffsetsRecordKey DecodeOffsetsKey(std::string_view bytes) {
  ByteReader reader(bytes);
  OffsetsRecordKey key;
  const std::int16_t version = reader.Int16();
  if (!reader.ok()) return key;
  const bool known = version >= 0 && static_cast<std::size_t>(version) < kKinds.size();
  const OffsetsRecordKind kind =
      known ? kKinds[static_cast<std::size_t>(version)] : OffsetsRecordKind::kUnknown;
  if (kind != OffsetsRecordKind::kUnknown) key.group = reader.String();
  if (kind == OffsetsRecordKind::kCommit) {
    key.topic = reader.String();
    key.partition = reader.Int32();
  }
  if (reader.ok()) key.kind = kind;
  return key;
}

std::optional<CommitValue> DecodeCommitValue(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::int16_t version = reader.Int16();
  if (version < 0 || version > kLastValueVersion) return std::nullopt;
  CommitValue value;
  value.offset = reader.Int64();
  if (version >= 3) reader.Int32();         // the leader's epoch
  Text(reader, version >= kFlexibleValue);  // the client's metadata
  value.timestamp_ms = reader.Int64();
  if (version == 1) reader.Int64();  // when it expires
  if (version >= kFlexibleValue) reader.SkipTags();
  return reader.ok() ? std::optional(value) : std::nullopt;
}

std::optional<std::int32_t> DecodeRebalanceNumber(OffsetsRecordKind kind, std::string_view bytes) {
  ByteReader reader(bytes);
  const std::int16_t version = reader.Int16();
  if (kind == OffsetsRecordKind::kGeneration) return GenerationOf(reader, version);
  if (kind != OffsetsRecordKind::kEpoch || version != 0) return std::nullopt;
  const std::int32_t epoch = reader.Int32();
  return reader.ok() ? std::optional(epoch) : std::nullopt;
}

std::int32_t OffsetsPartitionOf(std::string_view group, std::int32_t partitions) {
  const auto hash = static_cast<std::int32_t>(JavaHashOf(group));
  // As Kafka does: the lowest number has no positive one.
  const std::int64_t positive = hash == INT32_MIN ? 0 : hash < 0 ? -std::int64_t{hash} : hash;
  return static_cast<std::int32_t>(positive % partitions);
}

}  // namespace streamgauge::kafka
