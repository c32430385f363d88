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
  // Absent only where no verdict engine ran (--once).
  std::optional<GroupState> state;
  // The verdict's evidence and hints in words. Built only when the state or its evidence changed.
  std::shared_ptr<const std::string> reason;
};

struct Report {
  Reading reading;
  std::vector<StreamSignals> streams;  // parallel to reading.streams
  std::vector<GroupSignals> groups;    // parallel to reading.groups
};
using ReportRef = std::shared_ptr<const Report>;

}  // namespace streamgauge
