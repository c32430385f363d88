// Follows the records of __consumer_offsets: how far each partition of it has been read, and what
// that says of the watched groups. Pure: knows no broker. Owned by the source and used by its
// thread.
//
// In each poll the ends of the partitions are read first and the records after them. A partition
// that was read up to its end is complete: all that was committed before that moment is known, and
// what is known of a group without records has not changed. Of the groups of any other partition
// nothing is claimed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kafka/fed_group.h"
#include "kafka/observation.h"
#include "kafka/offset.h"
#include "kafka/offsets_record.h"

namespace streamgauge::kafka {

// One record as it was read.
struct FeedRecord {
  std::int32_t partition = 0;
  Offset offset = 0;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
};

// Where a partition has to be read from.
struct FeedPlace {
  std::int32_t partition = 0;
  Offset offset = 0;
};

class CommitFeed {
 public:
  // The topic has so many partitions. Another topic, or another number: all is forgotten, as groups
  // have moved.
  void SetTopic(const TopicId& id, std::int32_t partitions);
  std::int32_t partitions() const { return static_cast<std::int32_t>(partitions_.size()); }

  void BeginPoll();
  // The group as it is known; from now on its records count. REQUIRES: partitions() > 0. The
  // reference holds until the next BeginPoll or SetTopic.
  FedGroup& Watch(const std::string& group);

  // The partition ended there when this poll began. Records that are gone mean a new start.
  void TakeEnd(std::int32_t partition, Offset end);
  // Begins those partitions that are not begun and whose end is known.
  void Begin();
  // Where reading has to go on in those that are not read up to their end.
  std::vector<FeedPlace> Places() const;
  void TakeRecord(const FeedRecord& record);
  // Everything before `offset` was read: records, transactions' markers and aborted ones.
  void TakePosition(std::int32_t partition, Offset offset);
  // The place of reading is lost: records were removed, or the log was truncated.
  void TakeLost(std::int32_t partition);

  // Those that are not read up to their end yet, though it is known. Their groups' commits may be
  // part of a transaction that is open, or their leader is not there.
  std::vector<std::int32_t> Unread() const;
  bool IsComplete(std::int32_t partition) const;
  bool IsBegun(std::int32_t partition) const;
  // The partition was incomplete in the last poll too, and has not moved since.
  bool IsStuck(std::int32_t partition) const;
  // All that the group has committed is known as of this poll.
  bool IsKnown(const FedGroup& group) const;

  // A group is compared with what its coordinator says. What differs has to arrive with the
  // following records, as it was committed meanwhile: those are waited for. A coordinator that has
  // just taken over may answer with less than there is: a difference counts once it is found twice
  // in a row.
  void BeginCheck(const std::string& group, const GroupOffsets& asked);
  bool checking() const { return check_.has_value(); }
  // How it went, once all that may have been committed meanwhile is known. Ends the check.
  struct CheckResult {
    std::string group;
    bool agreed = false;
    bool certain = true;  // false: to be checked once more
  };
  std::optional<CheckResult> TakeCheckResult();
  // The group that is to be checked once more.
  const std::optional<std::string>& doubted() const { return doubted_; }

  // Records of a version later than this agent, or that make no sense, since the last call.
  std::uint64_t TakeUnknownRecords();
  std::uint64_t TakeBadRecords();

 private:
  struct Partition {
    bool begun = false;
    Offset position = 0;        // all before it was read; if begun
    std::optional<Offset> end;  // in this poll
    bool exact_start = false;   // there may be nothing before the end
    bool was_incomplete = false;
    Offset position_before = 0;  // at the end of the last poll
  };
  struct Check {
    std::string group;
    std::uint64_t begun_in = 0;  // poll
    // What the coordinator said and no record has yet.
    std::map<std::pair<std::string, std::int32_t>, std::optional<Offset>> missing;
  };

  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>()(name);
    }
  };

  Partition* At(std::int32_t partition);
  const Partition* At(std::int32_t partition) const;
  FedGroup* FindGroup(std::string_view group);
  void TakeAbout(FedGroup& group, const OffsetsRecordKey& key, const FeedRecord& record);
  void TakeCommit(FedGroup& group, const OffsetsRecordKey& key, const FeedRecord& record);
  void TakeChecked(std::string_view group, const FedCommit& commit);

  TopicId topic_;
  std::vector<Partition> partitions_;
  std::unordered_map<std::string, FedGroup, NameHash, std::equal_to<>> groups_;
  FedGroup* last_group_ = nullptr;  // records of one group come together
  std::string_view last_name_;
  std::uint64_t poll_ = 0;
  std::optional<Check> check_;
  std::optional<std::string> doubted_;
  std::uint64_t unknown_records_ = 0;
  std::uint64_t bad_records_ = 0;
};

}  // namespace streamgauge::kafka
