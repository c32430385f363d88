// What a source saw in one poll, and nothing else: facts, no judgement. Plain data, written by the
// source's thread, then moved into a Report and immutable from there on.
//
// Everything that was not read, or cannot be known, is an empty optional. It is never 0 and never a
// sentinel: an absent value becomes an absent series.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/name.h"
#include "model/time.h"

namespace streamgauge {

// How a group's lag is known (docs/signals.md tells the rules).
enum class LagSource : std::uint8_t { kUnknown, kExact, kCalibrated, kCounted };
std::string_view ToString(LagSource source);

// Kafka's own group state (KIP-848 names included). kUnknown is not exported.
enum class MembersState : std::uint8_t {
  kUnknown,
  kStable,
  kPreparingRebalance,
  kCompletingRebalance,
  kAssigning,
  kReconciling,
  kEmpty,
  kDead
};
std::string_view ToString(MembersState state);

// A place in a stream. Redis: an entry id (milliseconds, sequence). Kafka: the sum of the group's
// committed offsets over its partitions, in `major`. Only comparable within one system and group.
struct Position {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  auto operator<=>(const Position&) const = default;
};

// One Kafka partition of a topic.
struct PartitionReading {
  std::int32_t partition = 0;
  std::optional<std::int64_t> start_offset;
  std::optional<std::int64_t> end_offset;     // the high watermark
  std::optional<std::int64_t> stable_offset;  // the last stable offset
  std::optional<std::int32_t> leader;         // broker id; absent: the partition is offline
  std::optional<std::int32_t> replicas;
  std::optional<std::int32_t> in_sync_replicas;
};

struct StreamReading {
  NameRef name;
  // Whether the series of the stream itself and of its partitions are this agent's to export. Not
  // where another shard does it and the stream is here because of a group (Kafka).
  bool exported = true;
  // Changes when the stream is known to have been re-created: history before it does not count.
  std::uint64_t incarnation = 0;

  std::optional<std::uint64_t> length;
  // The agent's own sums of rises since it started (RiseCounter), kept by the source, which knows
  // when a fall means a new baseline.
  std::optional<std::uint64_t> appended_total;
  std::optional<std::uint64_t> removed_total;
  // The part of removed_total that was trimming at the old end (Redis: MAXLEN, MINID; Kafka:
  // retention and DeleteRecords), as opposed to consumers that delete what they have finished.
  std::optional<std::uint64_t> trimmed_total;
  std::optional<double> span_seconds;
  std::optional<std::uint64_t> bytes;
  // The consumer groups seen on it. Redis: all, also those that a filter or a limit leaves out of
  // the reading; Kafka: of the watched groups, those that are on it. Absent when the list of groups
  // could not be read whole, and where other shards have a part of them: never a partial count.
  std::optional<std::uint32_t> group_count;

  // Kafka only.
  std::vector<PartitionReading> partitions;  // by partition number
  std::optional<std::uint32_t> partition_count;
  // retention.ms in seconds, +infinity when unlimited; absent when the topic's configuration is not
  // known or when the topic is only compacted.
  std::optional<double> retention_seconds;
  // True only when configuration proves that nothing is ever removed (no time and no size limit).
  bool retention_unlimited = false;
  bool compacted = false;  // cleanup.policy contains compact: lag in messages overstates
};

// One partition of one group: Kafka only.
struct GroupPartitionReading {
  std::int32_t partition = 0;
  std::optional<std::int64_t> committed_offset;
  std::optional<std::int64_t> lag;
  std::optional<double> lag_seconds;
};

// One consumer of a Redis group.
struct ConsumerReading {
  NameRef name;
  std::optional<std::uint64_t> pending;
  // Since the last attempt to read (Redis before 7.2: since the last success).
  std::optional<double> idle_seconds;
  // Since the last time that it got something (Redis 7.2 and later); absent: never, or not told.
  std::optional<double> inactive_seconds;
  // It never got an entry (7.2 and later: inactive = -1).
  bool never_read = false;
};

// One group on one stream. A Kafka group that reads three topics has three of these.
struct GroupReading {
  std::uint32_t stream = 0;  // index into Reading::streams
  NameRef name;
  std::uint64_t incarnation = 0;  // as StreamReading::incarnation, for the group

  LagSource lag_source = LagSource::kUnknown;
  std::optional<std::uint64_t> lag;
  std::optional<double> lag_seconds;
  std::optional<std::uint64_t> pending;  // absent on Kafka, which has no such thing
  std::optional<double> oldest_pending_seconds;
  std::optional<double> oldest_pending_idle_seconds;
  std::optional<std::uint64_t> max_deliveries;
  std::optional<std::uint64_t> pending_trimmed;
  std::optional<std::uint64_t> headroom_messages;

  // Sums of rises, as in StreamReading.
  std::optional<std::uint64_t> delivered_total;
  std::optional<std::uint64_t> acknowledged_total;
  std::optional<std::uint64_t> lost_total;

  std::optional<Position> position;  // last delivered (Redis), committed (Kafka)
  // The position went back (SETID, offset reset, topic truncated) and has not yet passed its old
  // place.
  bool rewound = false;

  // Redis: the number of consumers and those that were listed (at most max_consumers_per_group).
  std::optional<std::uint64_t> consumer_count;
  std::vector<ConsumerReading> consumers;
  // True when `consumers` is complete.
  bool consumers_listed = false;
  // How long ago they were listed: every figure of theirs is as of then. 0: in this poll.
  double consumers_age_seconds = 0;

  // Kafka only.
  std::optional<std::uint32_t> members;  // of the group that have a partition of this topic, or all
  MembersState members_state = MembersState::kUnknown;
  std::optional<double> completeness;  // share of the group's partitions read in this poll, 0..1
  std::vector<GroupPartitionReading> partitions;
  // The group is stable, but no member has a partition of this topic and nothing commits.
  bool abandoned = false;
  std::optional<WallTime> last_commit;
  std::optional<std::uint64_t> commits_total;
  std::optional<std::uint64_t> rebalances_total;
};

// What was left out and why. Both words become label values and come from a closed list:
// kind: "stream", "group", "consumer", "node", "uncommitted_partition", "series";
// reason: "limit", "uncommitted", "deferred", "filtered", or ToString(Reason).
struct SkippedItems {
  std::string_view kind;
  std::string_view reason;
  std::uint64_t count = 0;
};

struct Reading {
  // The present time that all ages in this reading refer to: the server's own (Redis TIME), or the
  // agent's (Kafka).
  WallTime time;
  std::string version;      // of the server, e.g. "7.0.15"
  std::string_view mode;    // "standalone", "sentinel", "cluster", "kraft", ...: a literal
  std::uint32_t nodes = 1;  // servers that answered
  std::vector<StreamReading> streams;
  std::vector<GroupReading> groups;  // those of one stream stand together, in the streams' order
  std::vector<SkippedItems> skipped;
};

// How many of the reading's streams are this agent's own.
std::size_t ExportedStreams(const Reading& reading);

}  // namespace streamgauge
