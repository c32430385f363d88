// What `streamgauge check` finds out about one target: plain data, and the run that fills it.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "model/access.h"
#include "model/error.h"
#include "model/reading.h"
#include "model/source.h"
#include "model/time.h"

namespace streamgauge {

// What one poll asked and how long it took.
struct PollCost {
  std::uint64_t requests = 0;
  std::uint64_t round_trips = 0;
  std::optional<std::uint64_t> received_bytes;  // absent: the library has not told yet
  std::chrono::microseconds wall{};
};

// How much would be exported.
struct Inventory {
  std::uint64_t streams = 0;
  std::uint64_t partitions = 0;
  std::uint64_t groups = 0;  // on a stream: a group that reads three topics counts three times
  std::optional<std::uint64_t> consumers;
  std::uint64_t series = 0;
};

struct TargetCheck {
  std::string system;
  std::string name;
  std::string address;  // without credentials

  std::optional<Error> error;  // why it does not work as a whole: no connection, or no poll
  AccessReport access;
  std::string version;
  std::string mode;
  std::uint32_t nodes = 0;
  std::optional<Inventory> inventory;
  std::vector<SkippedItems> skipped;
  std::optional<PollCost> first_poll;
  std::optional<PollCost> steady_poll;  // the last of some

  // The agent would serve this target's figures, though perhaps not all of them.
  bool Works() const;
  // Something is missing all the same.
  std::size_t Warnings() const;
};

// The target's name and place alone.
TargetCheck BlankCheck(const TargetConfig& target);

// Tries the rights and polls some times. Takes about a timeout when nothing answers, and ends soon
// after `stop` was requested.
TargetCheck CheckTarget(const TargetConfig& target, const Config& config, Source& source,
                        const std::stop_token& stop);

}  // namespace streamgauge
