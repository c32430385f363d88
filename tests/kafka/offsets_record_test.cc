#include "kafka/offsets_record.h"

#include <gtest/gtest.h>

#include <string>

#include "kafka/offsets_bytes.h"

namespace streamgauge::kafka {
namespace {

using Kind = OffsetsRecordKind;

TEST(OffsetsRecordTest, TheKeyTellsWhatARecordIsAbout) {
  struct Row {
    std::string key;
    Kind kind;
    const char* reason;
  };
  const auto of_group = [](std::int16_t version) {
    return std::string(RecordBytes().Int16(version).String("billing"));
  };
  const Row rows[] = {
      {RecordBytes().Int16(0).String("billing").String("orders").Int32(3), Kind::kCommit,
       "the oldest commits"},
      {CommitKey("billing", "orders", 3), Kind::kCommit, "a commit"},
      {of_group(2), Kind::kGeneration, "a classic group's metadata"},
      {of_group(3), Kind::kEpoch, "a KIP-848 group's metadata"},
      {std::string(RecordBytes().Int16(5).String("billing").String("member")), Kind::kMembers,
       "a KIP-848 group's member"},
      {std::string(RecordBytes().Int16(8).String("billing").String("member")), Kind::kMembers,
       "what a member has"},
      {of_group(11), Kind::kOther, "a share group: commits nothing here"},
      {of_group(16), Kind::kOther, "what a regular expression matches"},
      {of_group(17), Kind::kMembers, "a Streams group"},
      {of_group(9), Kind::kUnknown, "never used"},
      {of_group(24), Kind::kUnknown, "later than 4.3"},
      {of_group(-1), Kind::kUnknown, "no version at all"},
      {"", Kind::kBad, "empty"},
      {std::string("\0", 1), Kind::kBad, "half a version"},
      {RecordBytes().Int16(1).Int16(-2), Kind::kBad, "a negative length"},
      {RecordBytes().Int16(1).Int16(30000).Raw("x"), Kind::kBad, "a length beyond the bytes"},
  };
  for (const Row& row : rows) {
    const OffsetsRecordKey key = DecodeOffsetsKey(row.key);
    EXPECT_EQ(key.kind, row.kind) << row.reason;
    if (row.kind == Kind::kBad || row.kind == Kind::kUnknown) continue;
    EXPECT_EQ(key.group, "billing") << row.reason;
    if (row.kind != Kind::kCommit) continue;
    EXPECT_EQ(key.topic, "orders") << row.reason;
    EXPECT_EQ(key.partition, 3) << row.reason;
  }
}

TEST(OffsetsRecordTest, CommitsOfAllVersionsAreRead) {
  for (std::int16_t version = 0; version <= 4; ++version) {
    const auto value = DecodeCommitValue(CommitBytes(version, 4'000'000'000, 1'700'000'000'123));
    ASSERT_TRUE(value) << version;
    EXPECT_EQ(value->offset, 4'000'000'000) << version;
    EXPECT_EQ(value->timestamp_ms, 1'700'000'000'123) << version;
  }
  EXPECT_FALSE(DecodeCommitValue(CommitBytes(5, 1, 1))) << "later than this agent";
  EXPECT_FALSE(DecodeCommitValue(CommitBytes(-1, 1, 1)));
}

TEST(OffsetsRecordTest, NullMetadataIsNoProblem) {
  const std::string value = RecordBytes().Int16(3).Int64(5).Int32(-1).Int16(-1).Int64(9);
  ASSERT_TRUE(DecodeCommitValue(value));
  EXPECT_EQ(DecodeCommitValue(value)->timestamp_ms, 9);
}

TEST(OffsetsRecordTest, TruncatedAtAnyLengthMeansNothing) {
  for (std::int16_t version = 0; version <= 4; ++version) {
    const std::string whole = CommitBytes(version, 5, 9);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      EXPECT_FALSE(DecodeCommitValue(whole.substr(0, length))) << version << ": " << length;
    }
    const std::string generation = GenerationBytes(version, 5);
    for (std::size_t length = 0; length < generation.size(); ++length) {
      EXPECT_FALSE(DecodeRebalanceNumber(Kind::kGeneration, generation.substr(0, length)));
    }
  }
  const std::string key = CommitKey("billing", "orders", 3);
  for (std::size_t length = 0; length < key.size(); ++length) {
    EXPECT_EQ(DecodeOffsetsKey(key.substr(0, length)).kind, Kind::kBad) << length;
  }
}

// Each byte of a good record in turn has every value. Whatever it means then, reading it ends.
TEST(OffsetsRecordTest, AnyByteMayBeWrong) {
  for (std::int16_t version = 0; version <= 4; ++version) {
    const std::string good = CommitBytes(version, 5, 9);
    const std::string key = CommitKey("billing", "orders", 3);
    for (int byte = 0; byte < 256; ++byte) {
      for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(byte);
        DecodeCommitValue(bad);
      }
      for (std::size_t i = 0; i < key.size(); ++i) {
        std::string bad = key;
        bad[i] = static_cast<char>(byte);
        EXPECT_LE(DecodeOffsetsKey(bad).group.size(), bad.size());
      }
    }
  }
}

TEST(OffsetsRecordTest, RebalancesAreNumbered) {
  for (std::int16_t version = 0; version <= 4; ++version) {
    EXPECT_EQ(DecodeRebalanceNumber(Kind::kGeneration, GenerationBytes(version, 17)), 17);
  }
  EXPECT_EQ(DecodeRebalanceNumber(Kind::kGeneration, GenerationBytes(5, 17)), std::nullopt);
  EXPECT_EQ(DecodeRebalanceNumber(Kind::kEpoch, RecordBytes().Int16(0).Int32(4).Int8(0)), 4);
  EXPECT_EQ(DecodeRebalanceNumber(Kind::kEpoch, RecordBytes().Int16(1).Int32(4)), std::nullopt);
}

// What Java says of Math.abs("...".hashCode()) % 50, and of the lowest number.
TEST(OffsetsRecordTest, GroupsAreSpreadAsJavaSpreadsThem) {
  EXPECT_EQ(OffsetsPartitionOf("", 50), 0);
  EXPECT_EQ(OffsetsPartitionOf("a", 50), 97 % 50);
  EXPECT_EQ(OffsetsPartitionOf("billing", 50), 109829509 % 50);
  EXPECT_EQ(OffsetsPartitionOf("polygenelubricants", 50), 0) << "its hash is the lowest number";
  EXPECT_EQ(OffsetsPartitionOf("\xC3\xA9", 50), 0xE9 % 50) << "one UTF-16 unit";
  EXPECT_EQ(OffsetsPartitionOf("\xE2\x82\xAC", 50), 0x20AC % 50) << "one UTF-16 unit";
  EXPECT_EQ(OffsetsPartitionOf("\xF0\x9F\x98\x80", 50), (0xD83D * 31 + 0xDE00) % 50) << "two";
  EXPECT_LT(OffsetsPartitionOf("\xF0\x9F", 50), 50) << "cut short";
}

}  // namespace
}  // namespace streamgauge::kafka
