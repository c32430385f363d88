// What INFO tells: who the server is, and whether somebody moved streams or groups by hand since
// the last look. The latter is what tells a calibrated lag that it may no longer be trusted: SETID
// and the like leave no other trace.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace streamgauge {

struct ServerIdentity {
  std::string version;  // as its makers count: "7.0.15", "8.0.1" (Valkey)
  int major = 0;        // of the Redis version whose replies it gives; 0 when unknown
  std::string run_id;   // of the process: another one after every start
  std::string mode;     // "standalone", "cluster" or "sentinel"; empty when it does not tell
  // XTRIM and XADD may have DELREF, which drops pending entries (Redis 8.2, Valkey 9.2). True as
  // well when the version is unknown.
  bool trims_references = true;
};

// From INFO server. What is missing stays empty.
ServerIdentity ParseServerIdentity(std::string_view info);

// The server's own counts of the commands that matter to us, from INFO replication and
// commandstats. A call that failed has moved nothing and is left out: whoever calls XGROUP CREATE
// before every read, to be told BUSYGROUP, interferes with nobody.
struct CommandCounts {
  bool primary = false;
  std::string replication_id;
  std::map<std::string, std::uint64_t, std::less<>> calls;  // of every command, failed ones too
  std::uint64_t info = 0;                                   // rises by our own calls
  std::uint64_t reset = 0;
  std::uint64_t moves_keys = 0;    // RENAME, RESTORE, FLUSHALL, ...: any stream may be another one
  std::uint64_t moves_groups = 0;  // XGROUP SETID, CREATE, DESTROY
  std::uint64_t claims = 0;        // XCLAIM, which can move a group by LASTID
  std::uint64_t autoclaims = 0;    // XAUTOCLAIM, which cannot
  std::uint64_t deletes_consumers = 0;   // XGROUP DELCONSUMER
  std::uint64_t deletes_entries = 0;     // XDEL
  std::uint64_t deletes_references = 0;  // XDELEX and XACKDEL, which may also drop pending entries
};

// From INFO replication: whether the server is a replica. Empty when it does not tell.
std::optional<bool> IsReplica(std::string_view info);
// What a replica says of its primary, in words, without secrets: "of 10.0.0.5:6379, link up".
std::string DescribeReplica(std::string_view info);

// Empty when the server does not tell (no right to INFO, or a proxy's answer).
std::optional<CommandCounts> ParseCommandCounts(std::string_view info);

// How often, since the source was made, each kind of interference was possible between two polls.
// Equal values at two moments prove that there was none between them.
struct Epochs {
  bool known = false;  // false: nothing can be proven
  std::uint64_t keys = 0;
  std::uint64_t groups = 0;
  std::uint64_t claims = 0;
  std::uint64_t autoclaims = 0;
  std::uint64_t consumers = 0;
  std::uint64_t deletions = 0;   // of entries, by any command
  std::uint64_t references = 0;  // of pending entries along with their messages
};

// What the server said ahead of a poll's snapshots and behind them.
struct PollCounts {
  std::optional<CommandCounts> before;
  std::optional<CommandCounts> after;
};

// The epochs after a poll, by the counts of the previous one and its own: those ahead of the one
// and behind the other cover the time between any two snapshots. The two in between tell of a
// CONFIG RESETSTAT: one that follows another leaves no trace but calls that are fewer than before,
// and right after a poll there are all of ours to be missed.
Epochs Advance(Epochs epochs, const PollCounts& previous, const PollCounts& present);

}  // namespace streamgauge
