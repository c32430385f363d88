// One poll's working table: what was asked of each stream and group and what came back, filled by
// the phases (snapshot_phase.h, detail_phase.h, lag_count.h) one after the other and turned into a
// Reading at the end. Lives for one poll.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.h"
#include "model/reading.h"
#include "redis/command_batch.h"
#include "redis/lag_rules.h"
#include "redis/parse.h"
#include "redis/server_info.h"
#include "redis/stream_state.h"

namespace streamgauge {

struct GroupWork {
  GroupState* state = nullptr;
  std::uint32_t stream = 0;  // index into PollWork::streams
  Moment moment;
  bool rewound = false;
  Lag lag;
  std::optional<PendingEntry> oldest_pending;
  std::optional<EntryId> next_unread;
  std::optional<std::uint64_t> pending_trimmed;
  std::vector<ConsumerReading> consumers;
  bool consumers_listed = false;
};

struct StreamWork {
  StreamState* state = nullptr;
  // What the snapshot said; of a light look only the length. Empty when it could not be read.
  std::optional<StreamFacts> facts;
  bool light = false;
  std::uint64_t payload_bytes = 0;  // of the first and the last entry, about
  std::optional<std::uint64_t> memory_bytes;
  std::optional<Error> error;
};

// Trouble with single items, by reason: how often, and one example for the log.
class ItemErrors {
 public:
  // An error reply about an item. Returns the error; one that concerns the whole server is kept.
  Error Note(std::string_view server_text, Request request, std::string_view key);
  void Note(const Error& error);

  struct Tally {
    std::uint64_t count = 0;
    std::string example;
  };
  const std::map<Reason, Tally>& tallies() const { return tallies_; }
  // The first error that makes the rest of the poll pointless.
  const std::optional<Error>& whole_server() const { return whole_server_; }

 private:
  std::map<Reason, Tally> tallies_;
  std::optional<Error> whole_server_;
};

struct PollWork {
  std::uint64_t number = 0;  // of the poll, from 1
  std::vector<StreamWork> streams;
  std::vector<GroupWork> groups;  // those of one stream together, in the streams' order
  std::optional<WallTime> time;
  std::optional<Error> time_error;  // why there is no time
  bool trims_references = true;     // as ServerIdentity
  std::optional<CommandCounts> counts_before;
  std::optional<CommandCounts> counts_after;
  std::uint64_t groups_over_limit = 0;
  std::uint64_t consumers_over_limit = 0;
  std::uint64_t counts_deferred = 0;  // lags that could not be counted in this poll's budget
  ItemErrors errors;
};

}  // namespace streamgauge
