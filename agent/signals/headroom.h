// When trimming or retention reaches messages that a group has not read.
#pragma once

#include <optional>

#include "model/reading.h"
#include "model/trace.h"
#include "signals/rates.h"
#include "signals/trend.h"

namespace streamgauge {

struct HeadroomInput {
  const StreamReading* stream = nullptr;
  const GroupReading* group = nullptr;
  double window = 0;               // seconds
  double settled = 0;              // since the group was first seen or last went back
  std::optional<double> trim_ago;  // since trimming was seen
  std::optional<Rise> trimmed;     // of the stream, over the window
  std::optional<Rise> delivered;   // to the group, over the window
  Trend headroom_messages;
  double fall = 0;   // of headroom_messages, since it has shrunk through every window
  double swing = 0;  // how far that may be off, for batches of trimming and of reading
  Trend age;
  Trend backlog;
  std::optional<double> seconds_to_removal;  // removal.h
};

struct Headroom {
  // At present rates; +infinity only where configuration proves that nothing is ever removed.
  std::optional<double> seconds;
  // Until the first unread message goes, if what was seen over the window goes on; present only
  // when it has come nearer through the whole window. `seconds` answers another question for
  // retention: a group that keeps up has a small retention time as constant headroom and loses
  // nothing.
  std::optional<double> loss_in_seconds;
};

Headroom HeadroomOf(const HeadroomInput& input, Trace* trace = nullptr);

}  // namespace streamgauge
