#include "redis/server_info.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace streamgauge {
namespace {

std::string_view WithoutLineEnd(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Calls visit(name, value) for each "name:value" line.
template <typename Visitor>
void ForEachLine(std::string_view info, Visitor visit) {
  while (!info.empty()) {
    const std::size_t end = std::min(info.find('\n'), info.size());
    const std::string_view line = WithoutLineEnd(info.substr(0, end));
    info.remove_prefix(std::min(end + 1, info.size()));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) visit(line.substr(0, colon), line.substr(colon + 1));
  }
}

template <typename Number>
Number ParseLeading(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

struct CountedCommand {
  std::string_view name;
  std::uint64_t CommandCounts::* count;
  bool even_failed = false;  // one that fails half-way has an effect, or is a call all the same
};
// DEL and expiry are not here: what they removed comes back only by XADD, which shows in
// entries-added, and its groups only by XGROUP CREATE.
constexpr auto kCounted = std::to_array<CountedCommand>({
    {"info", &CommandCounts::info, true},
    {"config|resetstat", &CommandCounts::reset, true},
    {"xsetid", &CommandCounts::moves_keys},
    {"restore", &CommandCounts::moves_keys},
    {"restore-asking", &CommandCounts::moves_keys},
    {"rename", &CommandCounts::moves_keys},
    {"renamenx", &CommandCounts::moves_keys},
    {"copy", &CommandCounts::moves_keys},
    {"move", &CommandCounts::moves_keys},
    {"swapdb", &CommandCounts::moves_keys},
    {"flushdb", &CommandCounts::moves_keys},
    {"flushall", &CommandCounts::moves_keys},
    {"replicaof", &CommandCounts::moves_keys, true},
    {"slaveof", &CommandCounts::moves_keys, true},
    {"failover", &CommandCounts::moves_keys, true},
    {"debug", &CommandCounts::moves_keys, true},
    {"xgroup|setid", &CommandCounts::moves_groups},
    {"xgroup|create", &CommandCounts::moves_groups},
    {"xgroup|destroy", &CommandCounts::moves_groups},
    {"xclaim", &CommandCounts::claims},
    {"xautoclaim", &CommandCounts::autoclaims},
    {"xgroup|delconsumer", &CommandCounts::deletes_consumers},
    {"xdel", &CommandCounts::deletes_entries},
    {"xdelex", &CommandCounts::deletes_references},
    {"xackdel", &CommandCounts::deletes_references},
});

// The value of `name` in "calls=3,usec=5,failed_calls=2"; 0 when it is not there.
std::uint64_t FieldOf(std::string_view statistics, std::string_view name) {
  while (!statistics.empty()) {
    const std::size_t end = std::min(statistics.find(','), statistics.size());
    const std::string_view field = statistics.substr(0, end);
    statistics.remove_prefix(std::min(end + 1, statistics.size()));
    if (field.size() > name.size() && field.starts_with(name) && field[name.size()] == '=') {
      return ParseLeading<std::uint64_t>(field.substr(name.size() + 1));
    }
  }
  return 0;
}

// Commands within scripts and transactions have statistics of their own; whether the script fails
// afterwards is none of theirs.
void Add(std::string_view command, std::string_view statistics, CommandCounts& counts) {
  const std::uint64_t calls = FieldOf(statistics, "calls");
  counts.calls[std::string(command)] = calls;
  const auto found = std::ranges::find(kCounted, command, &CountedCommand::name);
  if (found == kCounted.end()) return;
  const std::uint64_t failed = found->even_failed ? 0 : FieldOf(statistics, "failed_calls");
  counts.*(found->count) += calls - std::min(calls, failed);
}

bool NoneFell(const CommandCounts& before, const CommandCounts& after) {
  return std::ranges::all_of(before.calls, [&after](const auto& command) {
    const auto now = after.calls.find(command.first);
    return now != after.calls.end() && now->second >= command.second;
  });
}

// Nothing between two looks, one right after the other, makes their counts incomparable.
bool Comparable(const std::optional<CommandCounts>& before,
                const std::optional<CommandCounts>& after) {
  return before && after && before->primary && after->primary &&
         before->replication_id == after->replication_id && before->reset == after->reset &&
         after->info > before->info && NoneFell(*before, *after);
}

struct Version {
  int major = 0;
  int minor = 0;
  auto operator<=>(const Version&) const = default;
};

Version ParseVersion(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return {ParseLeading<int>(text), 0};
  return {ParseLeading<int>(text), ParseLeading<int>(text.substr(dot + 1))};
}

}  // namespace

ServerIdentity ParseServerIdentity(std::string_view info) {
  ServerIdentity identity;
  std::string_view redis_version;
  std::string_view valkey_version;
  ForEachLine(info, [&](std::string_view name, std::string_view value) {
    if (name == "redis_version") redis_version = value;
    if (name == "valkey_version") valkey_version = value;
    if (name == "run_id") identity.run_id = value;
    if (name == "redis_mode" || name == "server_mode") identity.mode = value;
  });
  const bool valkey = !valkey_version.empty();
  identity.major = ParseVersion(redis_version).major;
  identity.version = valkey ? valkey_version : redis_version;
  const Version version = ParseVersion(identity.version);
  identity.trims_references =
      version == Version{} || version >= (valkey ? Version{9, 2} : Version{8, 2});
  return identity;
}

std::optional<bool> IsReplica(std::string_view info) {
  std::optional<bool> replica;
  ForEachLine(info, [&](std::string_view name, std::string_view value) {
    if (name == "role") replica = value == "slave" || value == "replica";
  });
  return replica;
}

std::string DescribeReplica(std::string_view info) {
  std::string_view host = "?";
  std::string_view port = "?";
  std::string_view link = "unknown";
  ForEachLine(info, [&](std::string_view name, std::string_view value) {
    if (name == "master_host") host = value;
    if (name == "master_port") port = value;
    if (name == "master_link_status") link = value;
  });
  std::string words = "of ";
  words.append(host).append(":").append(port).append(", link ").append(link);
  return words;
}

std::optional<CommandCounts> ParseCommandCounts(std::string_view info) {
  constexpr std::string_view kPrefix = "cmdstat_";
  CommandCounts counts;
  bool has_role = false;
  ForEachLine(info, [&](std::string_view name, std::string_view value) {
    if (name.starts_with(kPrefix)) {
      Add(name.substr(kPrefix.size()), value, counts);
    } else if (name == "role") {
      has_role = true;
      counts.primary = value == "master";
    } else if (name == "master_replid") {
      counts.replication_id = value;
    }
  });
  // Our own INFO is counted after its reply is made: 0 is what a fresh server's first reply says.
  if (!has_role) return std::nullopt;
  return counts;
}

Epochs Advance(Epochs epochs, const PollCounts& previous, const PollCounts& present) {
  const std::optional<CommandCounts>& before = previous.before;
  const std::optional<CommandCounts>& after = present.after;
  const bool comparable = Comparable(before, previous.after) &&
                          Comparable(previous.after, present.before) &&
                          Comparable(present.before, after);
  const auto moved = [&](std::uint64_t CommandCounts::* count) {
    return comparable && (*before).*count == (*after).*count ? 0U : 1U;
  };
  epochs.known = after.has_value() && after->primary;
  epochs.keys += moved(&CommandCounts::moves_keys);
  epochs.groups += moved(&CommandCounts::moves_groups);
  epochs.claims += moved(&CommandCounts::claims);
  epochs.autoclaims += moved(&CommandCounts::autoclaims);
  epochs.consumers += moved(&CommandCounts::deletes_consumers);
  epochs.references += moved(&CommandCounts::deletes_references);
  epochs.deletions +=
      moved(&CommandCounts::deletes_entries) | moved(&CommandCounts::deletes_references);
  return epochs;
}

}  // namespace streamgauge
