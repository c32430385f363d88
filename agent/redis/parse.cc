#include "redis/parse.h"

#include <string>

namespace streamgauge {
namespace {

std::unexpected<Error> Unexpected(std::string_view what) {
  return std::unexpected(
      Error{Reason::kBadReply, "the reply has an unexpected shape: " + std::string(what)});
}

// Calls visit(name, value) for each pair of a map (RESP3) or a flat array (RESP2).
template <typename Visitor>
void ForEachField(const Reply& map, Visitor visit) {
  const auto end = map.end();
  for (auto at = map.begin(); at != end; ++at) {
    const Reply name = *at;
    if (++at == end) return;
    visit(name.text(), *at);
  }
}

// The id of an entry [id, [field, value, ...]]; empty for nil.
std::optional<EntryId> IdOfEntry(const Reply& entry) {
  const auto id = entry.At(0);
  return id ? ParseEntryId(id->text()) : std::nullopt;
}

Result<EntryRange> RangeOf(const Reply& reply, const char* command) {
  if (!reply.IsArray()) return Unexpected(command);
  EntryRange range;
  for (const Reply entry : reply) {
    const auto id = IdOfEntry(entry);
    if (!id) return Unexpected(command);
    if (range.count++ == 0) range.first = *id;
    range.last = *id;
  }
  return range;
}

}  // namespace

Result<WallTime> ParseTime(const Reply& reply) {
  const auto seconds = reply.At(0);
  const auto micros = reply.At(1);
  if (!seconds || !micros || !seconds->count() || !micros->count()) return Unexpected("TIME");
  return WallTime(std::chrono::seconds(*seconds->integer()) +
                  std::chrono::microseconds(*micros->integer()));
}

Result<StreamFacts> ParseStream(const Reply& reply) {
  StreamFacts facts;
  std::optional<std::uint64_t> length;
  ForEachField(reply, [&](std::string_view name, const Reply& value) {
    if (name == "length") {
      length = value.count();
    } else if (name == "last-generated-id") {
      facts.last_generated = ParseEntryId(value.text());
    } else if (name == "max-deleted-entry-id") {
      facts.max_deleted = ParseEntryId(value.text());
    } else if (name == "entries-added") {
      facts.added = value.count();
    } else if (name == "groups") {
      facts.groups = value.count();
    } else if (name == "first-entry") {
      facts.first = IdOfEntry(value);
    } else if (name == "last-entry") {
      facts.last = IdOfEntry(value);
    }
  });
  if (!length) return Unexpected("XINFO STREAM without length");
  facts.length = *length;
  if (facts.length > 0 && (!facts.first || !facts.last)) {
    return Unexpected("XINFO STREAM without first and last entry");
  }
  return facts;
}

Result<std::vector<NamedGroup>> ParseGroups(const Reply& reply) {
  if (!reply.IsArray()) return Unexpected("XINFO GROUPS");
  std::vector<NamedGroup> groups;
  groups.reserve(reply.size());
  for (const Reply group : reply) {
    NamedGroup parsed;
    bool named = false;
    std::optional<std::uint64_t> consumers;
    std::optional<std::uint64_t> pending;
    std::optional<EntryId> delivered;
    ForEachField(group, [&](std::string_view name, const Reply& value) {
      if (name == "name") {
        parsed.name = value.text();
        named = value.kind() == ReplyKind::kText;
      } else if (name == "consumers") {
        consumers = value.count();
      } else if (name == "pending") {
        pending = value.count();
      } else if (name == "last-delivered-id") {
        delivered = ParseEntryId(value.text());
      } else if (name == "entries-read") {
        parsed.facts.read = value.count();
      }
    });
    if (!named || !consumers || !pending || !delivered) return Unexpected("XINFO GROUPS");
    parsed.facts.consumers = *consumers;
    parsed.facts.pending = *pending;
    parsed.facts.delivered = *delivered;
    groups.push_back(parsed);
  }
  return groups;
}

Result<std::vector<ConsumerFacts>> ParseConsumers(const Reply& reply) {
  if (!reply.IsArray()) return Unexpected("XINFO CONSUMERS");
  std::vector<ConsumerFacts> consumers;
  consumers.reserve(reply.size());
  for (const Reply consumer : reply) {
    ConsumerFacts parsed;
    bool named = false;
    std::optional<std::uint64_t> pending;
    ForEachField(consumer, [&](std::string_view name, const Reply& value) {
      if (name == "name") {
        parsed.name = value.text();
        named = value.kind() == ReplyKind::kText;
      } else if (name == "pending") {
        pending = value.count();
      } else if (name == "idle") {
        parsed.idle_ms = value.count();
      } else if (name == "inactive" && value.integer()) {
        parsed.inactive_ms.emplace(value.count());
      }
    });
    if (!named || !pending) return Unexpected("XINFO CONSUMERS");
    parsed.pending = *pending;
    consumers.push_back(parsed);
  }
  return consumers;
}

Result<std::optional<PendingEntry>> ParseOldestPending(const Reply& reply) {
  if (!reply.IsArray()) return Unexpected("XPENDING");
  const auto row = reply.At(0);
  if (!row) return std::nullopt;
  const auto id = IdOfEntry(*row);
  const auto owner = row->At(1);
  const auto idle = row->At(2);
  const auto deliveries = row->At(3);
  if (!id || !owner || !idle || !deliveries) return Unexpected("XPENDING");
  return PendingEntry{.id = *id,
                      .owned = !owner->text().empty(),
                      .idle_ms = idle->count(),
                      .deliveries = deliveries->count()};
}

Result<EntryRange> ParseRange(const Reply& reply) { return RangeOf(reply, "XRANGE"); }

Result<EntryRange> ParsePendingRange(const Reply& reply) { return RangeOf(reply, "XPENDING"); }

}  // namespace streamgauge
