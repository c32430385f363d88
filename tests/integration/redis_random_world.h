// Streams and groups of a real server under random commands, and the truth about them: what is
// there, found by asking for everything after each step, and what happened, noted step by step.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "redis/entry_id.h"
#include "support/redis_client.h"

namespace streamgauge::test {

// What happened to a group since the world began. Of a re-created one, too: sums go on.
struct GroupTruth {
  EntryId delivered;  // last-delivered-id
  std::uint64_t pending = 0;
  std::uint64_t lost = 0;          // entries removed while their id was after `delivered`
  std::uint64_t deliveries = 0;    // entries that XREADGROUP > returned
  std::uint64_t acknowledged = 0;  // XACK's counts, and deliveries without need of one
};

struct StreamTruth {
  std::set<EntryId> entries;
  std::map<std::string, GroupTruth> groups;  // that exist
  std::map<std::string, GroupTruth> past;    // sums of those that do not exist now
  std::uint64_t appended = 0;
  std::uint64_t removed = 0;
  std::uint64_t trimmed = 0;
  EntryId highest;  // given so far

  std::uint64_t LagOf(const GroupTruth& group) const {
    return static_cast<std::uint64_t>(
        std::distance(entries.upper_bound(group.delivered), entries.end()));
  }
};

class RandomWorld {
 public:
  // Sends commands and returns their replies; errors are replies, too.
  using Run = std::function<std::vector<RedisReply>(const std::vector<RedisCommand>&)>;

  RandomWorld(RedisClient& client, std::uint32_t seed, int streams)
      : RandomWorld([&client](const auto& commands) { return client.Pipeline(commands); }, seed,
                    streams) {}
  RandomWorld(Run run, std::uint32_t seed, int streams) : run_(std::move(run)), random_(seed) {
    for (int i = 0; i < streams; ++i) keys_.push_back("stream-" + std::to_string(i));
  }

  const std::vector<std::string>& keys() const { return keys_; }
  const StreamTruth& truth(const std::string& key) { return streams_[key]; }

  // What is done beside the daily work of producers and consumers. One kind at a time, so that
  // each rule has to hold by itself.
  enum class Interference : std::uint8_t { kNone, kGroups, kKeys, kClaims, kAll };

  // 1 to 20 steps on each stream.
  void Advance(Interference interference) {
    for (const std::string& key : keys_) {
      const int steps = Chance(30) ? Pick(1, 20) : Pick(1, 3);
      for (int i = 0; i < steps; ++i) Step(key, interference);
    }
  }

  // Pending entries of the group whose message is not in the stream (any more).
  std::uint64_t PendingWithoutMessage(const std::string& key, const std::string& group) {
    std::uint64_t count = 0;
    for (const EntryId id : PendingIds(key, group)) count += !streams_[key].entries.contains(id);
    return count;
  }

 private:
  int Pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool Chance(int percent) { return Pick(1, 100) <= percent; }
  std::string Group() { return "group-" + std::to_string(Pick(0, 2)); }
  std::string Consumer() { return "consumer-" + std::to_string(Pick(0, 2)); }

  // One of the entries, or an id near them.
  EntryId SomeId(const StreamTruth& stream) {
    if (stream.entries.empty() || Chance(15)) {
      return {
          stream.highest.ms > 3 ? stream.highest.ms - static_cast<std::uint64_t>(Pick(0, 3)) : 1,
          static_cast<std::uint64_t>(Pick(0, 3))};
    }
    return *std::next(stream.entries.begin(), Pick(0, static_cast<int>(stream.entries.size()) - 1));
  }

  void Step(const std::string& key, Interference interference) {
    const bool interferes =
        interference != Interference::kNone && (Chance(20) || streams_[key].groups.empty());
    if (!interferes) return Work(key);
    const Interference kind =
        interference == Interference::kAll ? static_cast<Interference>(Pick(1, 3)) : interference;
    if (kind == Interference::kGroups) return MoveGroup(key);
    if (kind == Interference::kKeys) return MoveKey(key);
    RunOn(key, {"XCLAIM", key, Group(), Consumer(), "0", ToString(SomeId(streams_[key])), "FORCE",
                "LASTID", ToString(SomeId(streams_[key]))});
  }

  void Work(const std::string& key) {
    const int kind = Pick(1, 100);
    if (kind <= 38) {
      Add(key);
    } else if (kind <= 66) {
      Read(key);
    } else if (kind <= 76) {
      Acknowledge(key);
    } else if (kind <= 84) {
      Trim(key);
    } else if (kind <= 95) {
      Delete(key);
    } else if (kind <= 97) {
      RunOn(key, {"XGROUP", "DELCONSUMER", key, Group(), Consumer()});
    } else {
      RunOn(key, {"XAUTOCLAIM", key, Group(), Consumer(), "0", "-", "COUNT", "3"});
    }
  }

  void Add(const std::string& key) {
    StreamTruth& stream = streams_[key];
    RedisCommand command = {"XADD", key};
    const bool trims = Chance(20);
    if (trims) {
      command.insert(command.end(),
                     {"MAXLEN", Chance(50) ? "=" : "~", std::to_string(Pick(0, 25))});
    }
    // Streams with an even number have made-up ids, close together.
    const bool made_up = (key.back() - '0') % 2 == 0;
    if (made_up) {
      EntryId id = stream.highest;
      id.ms += static_cast<std::uint64_t>(Pick(0, 2));
      ++id.seq;
      command.push_back(ToString(id));
    } else {
      command.emplace_back("*");
    }
    command.insert(command.end(), {"field", "value"});
    const auto before = stream.entries;
    const RedisReply reply = Do(command);
    const auto id = ParseEntryId(reply.text);
    if (id && !reply.IsError()) {
      ++stream.appended;
      stream.entries.insert(*id);  // trimmed in the same step, it was there all the same
    }
    Compare(key, /*trimming=*/true);
  }

  void Read(const std::string& key) {
    const std::string group = Group();
    RedisCommand command = {"XREADGROUP", "GROUP", group,
                            Consumer(),   "COUNT", std::to_string(Pick(1, 6))};
    const bool no_ack = Chance(10);
    if (no_ack) command.emplace_back("NOACK");
    command.insert(command.end(), {"STREAMS", key, ">"});
    const auto reply = Do(command);
    StreamTruth& stream = streams_[key];
    if (reply.kind == RedisReply::Kind::kArray && stream.groups.contains(group)) {
      const auto count = reply[0][1].elements.size();
      stream.groups[group].deliveries += count;
      if (no_ack) stream.groups[group].acknowledged += count;
    }
    Compare(key, false);
  }

  void Acknowledge(const std::string& key) {
    const std::string group = Group();
    RedisCommand command = {"XACK", key, group};
    for (const EntryId id : PendingIds(key, group)) {
      if (Chance(60)) command.push_back(ToString(id));
    }
    if (command.size() == 3) return;
    const auto reply = Do(command);
    StreamTruth& stream = streams_[key];
    if (stream.groups.contains(group) && !reply.IsError()) {
      stream.groups[group].acknowledged += static_cast<std::uint64_t>(reply.integer);
    }
    Compare(key, false);
  }

  void Trim(const std::string& key) {
    const StreamTruth& stream = streams_[key];
    if (Chance(60)) {
      RunOn(key, {"XTRIM", key, "MAXLEN", Chance(60) ? "=" : "~", std::to_string(Pick(0, 20))},
            true);
    } else {
      RunOn(key, {"XTRIM", key, "MINID", Chance(60) ? "=" : "~", ToString(SomeId(stream))}, true);
    }
  }

  void Delete(const std::string& key) {
    const StreamTruth& stream = streams_[key];
    const auto group = stream.groups.find(Group());
    const bool last_delivered = group != stream.groups.end() && Chance(40);
    RunOn(key, {"XDEL", key, ToString(last_delivered ? group->second.delivered : SomeId(stream))});
  }

  void MoveGroup(const std::string& key) {
    const int kind = Pick(1, 7);
    if (kind == 7) return RunOn(key, {"XGROUP", "DESTROY", key, Group()});
    Place(kind <= 3 ? "SETID" : "CREATE", key, streams_[key]);
  }

  void MoveKey(const std::string& key) {
    StreamTruth& stream = streams_[key];
    switch (Pick(1, 4)) {
      case 1:
        stream.highest = {};
        return RunOn(key, {"DEL", key});
      case 2: {
        const std::uint64_t added = stream.entries.size() + static_cast<std::uint64_t>(Pick(0, 9));
        return RunOn(key, {"XSETID", key, ToString(stream.highest), "ENTRIESADDED",
                           std::to_string(added), "MAXDELETEDID", "0-0"});
      }
      case 3: {
        const std::string& other = keys_[static_cast<std::size_t>(Pick(0, 3))];
        if (other == key) return;
        stream.highest = std::max(stream.highest, streams_[other].highest);
        return RunOn(key, {"COPY", other, key, "REPLACE"});
      }
      default:
        RunOn(key, {"RENAME", key, key + "-elsewhere"});
        return RunOn(key, {"RENAME", key + "-elsewhere", key});
    }
  }

  void Place(const std::string& verb, const std::string& key, const StreamTruth& stream) {
    const int where = Pick(1, 6);
    EntryId ahead = stream.highest;
    ahead.ms += 2;
    const std::string id = where == 1   ? "0"
                           : where == 2 ? "$"
                           : where == 3 ? ToString(ahead)
                                        : ToString(SomeId(stream));
    RedisCommand command = {"XGROUP", verb, key, Group(), id};
    if (verb == "CREATE") command.emplace_back("MKSTREAM");
    if (Chance(40)) {
      command.insert(command.end(), {"ENTRIESREAD", std::to_string(Pick(0, 30))});
    }
    RunOn(key, command);
  }

  RedisReply Do(const RedisCommand& command) { return run_({command}).front(); }

  void RunOn(const std::string& key, const RedisCommand& command, bool trimming = false) {
    Do(command);
    Compare(key, trimming);
  }

  std::vector<EntryId> PendingIds(const std::string& key, const std::string& group) {
    std::vector<EntryId> ids;
    const auto reply = Do({"XPENDING", key, group, "-", "+", "100000"});
    for (const RedisReply& row : reply.elements) ids.push_back(*ParseEntryId(row[0].text));
    return ids;
  }

  // Looks at everything, and notes what the last step did.
  void Compare(const std::string& key, bool trimming) {
    const auto replies = run_({{"XRANGE", key, "-", "+"}, {"XINFO", "GROUPS", key}});
    StreamTruth& stream = streams_[key];
    std::set<EntryId> entries;
    for (const RedisReply& entry : replies[0].elements)
      entries.insert(*ParseEntryId(entry[0].text));
    for (const EntryId id : stream.entries) {
      if (entries.contains(id)) continue;
      ++stream.removed;
      if (trimming) ++stream.trimmed;
      for (auto& [name, group] : stream.groups) group.lost += id > group.delivered;
    }
    stream.entries = std::move(entries);
    if (!stream.entries.empty())
      stream.highest = std::max(stream.highest, *stream.entries.rbegin());
    TakeGroups(replies[1], stream);
  }

  static void TakeGroups(const RedisReply& reply, StreamTruth& stream) {
    std::map<std::string, GroupTruth> groups;
    for (const RedisReply& row : reply.elements) {
      const std::string& name = row.Field("name").text;
      GroupTruth group = stream.past[name];
      if (const auto known = stream.groups.find(name); known != stream.groups.end()) {
        group = known->second;
      }
      group.delivered = *ParseEntryId(row.Field("last-delivered-id").text);
      group.pending = static_cast<std::uint64_t>(row.Field("pending").integer);
      groups.emplace(name, group);
    }
    for (auto& [name, group] : stream.groups) stream.past[name] = group;
    stream.groups = std::move(groups);
  }

  Run run_;
  std::mt19937 random_;
  std::vector<std::string> keys_;
  std::map<std::string, StreamTruth> streams_;
};

}  // namespace streamgauge::test
