// A reading together with what its history says: the unit that every reader (metrics, JSON, page)
// sees. Made by the Analyzer, immutable afterwards, shared by pointer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.h"
#include "model/reading.h"

namespace streamgauge {

// The verdict on a group, worst first. docs/signals.md tells when each one is given.
enum class GroupState : std::uint8_t {
  kLosingData,
  kRewound,
  kNoConsumers,
  kUnknown,
  kStalled,
  kFallingBehind,
  kCatchingUp,
  kOk
};
inline constexpr std::size_t kGroupStateCount = 8;
std::string_view ToString(GroupState state);

struct StreamSignals {
  std::optional<double> append_rate;  // messages per second over the window
};

// How many consumers (Kafka: members) are in each state.
struct ConsumerStates {
  std::uint32_t active = 0;
  std::uint32_t idle = 0;
  std::uint32_t dead_with_pending = 0;
  std::uint32_t never_read = 0;
  // Nobody tells what a member does: the states but `active` are not zero but unknown.
  bool members_only = false;

  bool operator==(const ConsumerStates&) const = default;
};

// Circumstances that explain a verdict. Several may hold at once; as bits in Evidence::causes.
enum class Cause : std::uint16_t {
  kTooYoung = 1 << 0,              // unknown: not watched for long enough
  kLagUnknown = 1 << 1,            // unknown: the lag, or what the rules need, is not known
  kNobodyAsks = 1 << 2,            // consumers exist, but none asked for messages while some waited
  kAbandoned = 1 << 3,             // members exist, but none has a partition of this stream
  kMarkerOnly = 1 << 4,            // lag 1 that does not move: a transaction marker, or one message
  kOpenTransaction = 1 << 5,       // messages behind the last stable offset cannot be read yet
  kHotPartition = 1 << 6,          // one partition has most of the lag
  kOneHolder = 1 << 7,             // one consumer holds most of what is pending
  kProducerBurst = 1 << 8,         // more is appended than was usual
  kRetentionShort = 1 << 9,        // unread messages are older than the retention time
  kCompacted = 1 << 10,            // lag in messages overstates
  kPendingOnly = 1 << 11,          // nothing is undelivered
  kNoMembersButCommits = 1 << 12,  // somebody commits without being a member
  kHeld = 1 << 13,                 // no longer met, shown on until it is sure that it has passed
  kMovesUnknown = 1 << 14,         // unknown: it may have moved while that could not be seen
};

// Why a group has its state, as figures; signals/words.h puts it into a sentence. Only what was
// looked at is present.
struct Evidence {
  std::uint16_t causes = 0;
  std::optional<float> left_to_watch;    // kTooYoung: seconds until a window was watched
  std::optional<float> unmoved_seconds;  // since it delivered or finished anything
  std::optional<float> quiet_seconds;    // kNobodyAsks: since any consumer asked
  std::optional<float> held_seconds;     // kHeld: since the rules last gave the state
  std::optional<float> loss_in_seconds;  // until unread messages are removed, as things go
  std::optional<float> lost_seconds;     // since messages were lost
  std::optional<float> burst_factor;     // append rate against its own past
  std::optional<float> trend_seconds;    // the time over which the next two changed
  double backlog_before = 0;             // with trend_seconds
  std::optional<float> age_before;
  std::uint64_t lost_messages = 0;  // with lost_seconds: since the last window without losses
  std::int32_t hot_partition = -1;  // kHotPartition
  float hot_share = 0;              // kHotPartition, kOneHolder: 0..1
  std::uint32_t holder = 0;         // kOneHolder: index into GroupReading::consumers

  bool Has(Cause cause) const { return (causes & static_cast<std::uint16_t>(cause)) != 0; }
  void Add(Cause cause) { causes |= static_cast<std::uint16_t>(cause); }
};

struct GroupSignals {
  std::optional<std::uint64_t> backlog;  // lag + pending
  std::optional<double> append_rate;     // messages per second over the window
  std::optional<double> delivery_rate;
  std::optional<double> finish_rate;
  std::optional<double> drain_seconds;     // may be +infinity: not shrinking
  std::optional<double> headroom_seconds;  // may be +infinity: nothing is ever removed
  std::optional<double> objective_seconds;
  std::optional<ConsumerStates> consumers;
  // The verdict. After a single reading (--once) it is kUnknown unless that reading alone proves
  // it.
  GroupState state = GroupState::kUnknown;
  // Seconds since `state` became what it is.
  double state_seconds = 0;
  Evidence evidence;
};

struct Report {
  Reading reading;
  std::vector<StreamSignals> streams;  // parallel to reading.streams
  std::vector<GroupSignals> groups;    // parallel to reading.groups
};
using ReportRef = std::shared_ptr<const Report>;

}  // namespace streamgauge
