// One Redis node and how the streams on it are read: connection, discovery and what is remembered
// of the server's process. Owned by the source. Used by one thread at a time, several nodes'
// readers side by side: they share nothing but the source of incarnations.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "config/config.h"
#include "model/access.h"
#include "model/error.h"
#include "model/name.h"
#include "model/reading.h"
#include "model/telemetry.h"
#include "model/trace.h"
#include "redis/connection.h"
#include "redis/discovery.h"
#include "redis/handshake.h"
#include "redis/poll_work.h"
#include "redis/redis_source.h"

namespace streamgauge {

class Pipeline;

// A stream that a node is to be asked about.
struct StreamTask {
  StreamState* state = nullptr;
  bool asking = false;  // the node is getting it from another one, which said so
};

// What one node said.
struct NodeReading {
  Reading reading;    // without mode and nodes, which are the target's
  ItemErrors errors;  // with single items
  struct Moved {
    StreamState* state;
    Redirect redirect;
  };
  std::vector<Moved> moved;  // streams that other nodes have: not in `reading`, nor counted there
};

class NodeReader {
 public:
  // `number` tells this reader from all others that the source ever makes; `takes_over`: another
  // node may have been the primary before. `next_incarnation` is shared with them and outlives it.
  NodeReader(std::uint64_t number, bool takes_over, const RedisTargetConfig& config,
             const RedisTimes& times, const NodeLogin& login, const ConnectionFactory& open,
             std::atomic<std::uint64_t>& next_incarnation);

  // Where there is no connection: makes one, and has the discovery look soon.
  Result<void> Connect(std::stop_token stop);
  Discovery& discovery() { return discovery_; }
  // Whether the server was a replica when it was last read.
  bool is_replica() const { return is_replica_; }
  struct Turn {
    std::uint64_t poll = 0;               // of the source, from 1
    const TracedGroup* traced = nullptr;  // the group that is to be explained, if any
  };
  // Reads the streams. REQUIRES: connected. An error means
  // that the node as a whole could not be read (kUnsupported: it is a replica), and ends the
  // connection.
  Result<NodeReading> Read(const std::vector<StreamTask>& streams, const Turn& turn,
                           std::stop_token stop);

  // What this agent may do on the node, over a connection of its own that is not of the database:
  // whether it may be selected is tried too.
  Result<AccessReport> TryAccess(const std::stop_token& stop);

  // The server is of a cluster, of which we are told to read no other node.
  bool reads_part_of_cluster() const;

  // Sums since it was made.
  Traffic traffic();
  const Telemetry& telemetry() const { return telemetry_; }  // clamps and verifications only
  // Drops names that nobody uses any more.
  void Sweep();

 private:
  PollWork Prepare(const std::vector<StreamTask>& streams, std::uint64_t poll) const;
  // `major` is that of the server, 0 when unknown.
  Result<void> TakeSnapshots(Pipeline& pipeline, PollWork& work, int major);
  Result<void> CheckRole(const PollWork& work);
  PollLimits LimitsFrom(SteadyTime now) const;
  Result<void> KnowLags(Pipeline& pipeline, PollWork& work, const TracedGroup* traced);

  const std::uint64_t number_;
  const RedisTargetConfig& config_;
  const RedisTimes times_;
  const NodeLogin login_;
  const ConnectionFactory open_;
  std::atomic<std::uint64_t>& next_incarnation_;

  Telemetry telemetry_;
  Traffic traffic_;  // of the polling connection; must outlive the session
  std::optional<Session> session_;
  Discovery discovery_;

  PollTurns turns_;                    // where the next poll begins
  std::optional<WallTime> last_time_;  // the server's, at the last poll
  NameTable group_names_{NameKind::kGroup};
  NameTable consumer_names_{NameKind::kConsumer};

  bool is_replica_ = false;
  bool takes_over_;
  std::optional<WallTime> in_charge_since_;  // where it has taken over: the first poll of it
  std::string run_id_;                       // of the server's process that `counts_` are of
  Epochs epochs_;
  PollCounts counts_;  // of the last poll
};

}  // namespace streamgauge
