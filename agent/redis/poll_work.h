// One poll's working table: what was asked of each stream and group and what came back, filled by
// the phases (snapshot_phase.h, detail_phase.h, lag_count.h) one after the other and turned into a
// Reading at the end. Lives for one poll.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.h"
#include "model/reading.h"
#include "model/time.h"
#include "redis/cluster_reply.h"
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
  bool pending_seen =
      false;  // the pending entries were asked for: `oldest_pending` is what they say
  std::optional<EntryId> highest_pending;  // of them; the group's position where none is after it
  std::optional<EntryId> next_unread;
  std::optional<std::size_t> same_unread;  // the group whose `next_unread` is this one's too
  std::optional<std::uint64_t> pending_trimmed;
  bool list_consumers = false;  // they are to be listed in this poll
  bool deferred = false;        // something about it had to be left to a later poll
  Trace* trace = nullptr;       // if it is to be explained
};

struct StreamWork {
  StreamState* state = nullptr;
  // What the snapshot said; of a light look only the length. Empty when it could not be read.
  std::optional<StreamFacts> facts;
  bool light = false;
  bool not_queued = false;          // the server would not queue the questions about it
  bool deferred = false;            // there was no time for it
  bool left_out = false;            // it is too large to be asked about
  std::uint64_t payload_bytes = 0;  // of the first and the last entry, about
  std::optional<std::uint64_t> memory_bytes;
  std::optional<Error> error;
  bool asking = false;               // it is being moved to this node: each question needs ASKING
  std::optional<Redirect> redirect;  // another node has it: `error` is no trouble yet
};

// Trouble with single items, by reason: how often, and one example for the log.
class ItemErrors {
 public:
  // REQUIRES: set before the first note. In a cluster, a stream that moves while it is asked about
  // is nobody's fault.
  void ExpectMoves() { moves_expected_ = true; }
  // An error reply about an item. Returns the error; one that concerns the whole server is kept.
  Error Note(std::string_view server_text, Request request, std::string_view key);
  void Note(const Error& error);
  void Add(const ItemErrors& others);

  struct Tally {
    std::uint64_t count = 0;
    std::string example;
  };
  const std::map<Reason, Tally>& tallies() const { return tallies_; }
  // The first error that makes the rest of the poll pointless.
  const std::optional<Error>& whole_server() const { return whole_server_; }

 private:
  bool moves_expected_ = false;
  std::map<Reason, Tally> tallies_;
  std::optional<Error> whole_server_;
};

// When the phases of a poll must have sent their last question. What they do not come to is left
// to the next poll, which begins with it: a poll never takes longer than until the next one is due.
struct PollLimits {
  SteadyTime snapshots = SteadyTime::max();
  SteadyTime everything = SteadyTime::max();
};

// Where to begin: indices of streams. A phase that has to leave something says where to go on.
struct PollTurns {
  std::uint32_t snapshots = 0;
  std::uint32_t details = 0;
};

struct PollWork {
  std::uint64_t number = 0;  // of the poll, from 1
  PollLimits limits;
  PollTurns turns;
  std::optional<Duration> since_last_poll;  // by the server's clock
  std::vector<StreamWork> streams;
  std::vector<GroupWork> groups;  // those of one stream together, in the streams' order
  std::optional<WallTime> time;
  std::optional<Error> time_error;  // why there is no time
  bool trims_references = true;     // as ServerIdentity
  std::optional<bool> primary;      // whether the server is one; empty when it does not tell
  std::string replica_of;           // a replica's words about its primary
  PollCounts counts;
  std::uint64_t groups_over_limit = 0;
  std::uint64_t consumers_over_limit = 0;
  ItemErrors errors;
};

inline bool IsOver(SteadyTime limit) { return std::chrono::steady_clock::now() >= limit; }

}  // namespace streamgauge
