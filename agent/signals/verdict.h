// The verdict on one group: pure rules from facts and history to a state with its evidence.
// docs/signals.md tells the rules in words.
#pragma once

#include <cstddef>
#include <optional>

#include "config/config.h"
#include "model/report.h"
#include "model/trace.h"
#include "signals/trend.h"

namespace streamgauge {

// All durations in seconds.
struct VerdictInput {
  // Of this poll.
  std::optional<std::uint64_t> lag;
  std::optional<std::uint64_t> pending;
  std::optional<double> lag_seconds;
  std::optional<ConsumerStates> consumers;
  // The least time since any consumer made an attempt; absent on Kafka.
  std::optional<double> quiet;
  bool members_known = false;  // `consumers` are members: Kafka
  bool knows_attempts = true;  // false: a consumer that asks in vain looks idle (Redis < 7.2)
  bool rewound = false;
  bool abandoned = false;
  bool only_markers_left = false;  // causes.h

  // Of the history.
  std::size_t points = 0;   // polls in it, thinned out
  double watched = 0;       // how long it reaches back, at most about a window
  double unmoved = 0;       // since it was seen to deliver or finish anything, or was first seen
  bool moves_known = true;  // false: it may have moved since, unseen
  std::optional<double> unread_for;      // messages have been undelivered at every poll since
  std::optional<double> backlog_for;     // there has been something unfinished at every poll since
  std::optional<double> memberless_for;  // as of unread_for, with no members
  bool members_left = false;             // memberless after there had been members
  bool moved_memberless = false;         // it moved although there were no members
  std::optional<double> lost_ago;
  std::uint64_t lost_messages = 0;
  std::optional<double> loss_in;   // Headroom::loss_in_seconds
  std::optional<double> appended;  // messages, over `watched`, at the rate that was seen
  Trend backlog;
  Trend age;
};

struct Finding {
  GroupState state = GroupState::kUnknown;
  Evidence evidence;
};

// The state that the rules give, the worst that applies.
Finding Judge(const VerdictInput& input, const SignalsConfig& config, Trace* trace = nullptr);

}  // namespace streamgauge
