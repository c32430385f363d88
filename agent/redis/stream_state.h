// What is remembered of a stream and its groups from poll to poll. Owned by the source, used by its
// polling thread alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "model/name.h"
#include "redis/consumer_lists.h"
#include "redis/counters.h"
#include "redis/lag_rules.h"

namespace streamgauge {

// Whether a group's position went back and has not passed its old place yet. A place ahead of the
// stream is as good as its last entry; where nothing is left up to the old place, it is passed.
class Rewind {
 public:
  // Takes the present last-delivered-id, and the stream as of the same snapshot.
  bool Observe(EntryId delivered, const StreamFacts& stream);
  void Forget() { *this = Rewind(); }

 private:
  bool Passed(EntryId delivered, const StreamFacts& stream) const;

  std::optional<EntryId> before_;
  std::optional<EntryId> old_place_;
};

// The oldest unread entry of a group. Where the group stands still and nothing is removed it stays
// the same, and need not be asked for in every poll.
class OldestUnread {
 public:
  // The entry, when it is provably still the one that was learnt.
  std::optional<EntryId> Recall(const Moment& now) const;
  void Learn(const Moment& now, EntryId entry) { learnt_ = {now, entry}; }
  void Forget() { learnt_.reset(); }

 private:
  struct Learnt {
    Moment moment;
    EntryId entry;
  };
  std::optional<Learnt> learnt_;
};

struct GroupState {
  NameRef name;
  std::uint64_t incarnation = 0;
  std::uint64_t last_poll = 0;  // the poll that saw it last
  LagTracker lag;
  GroupCounters counters;
  Rewind rewind;
  OldestUnread oldest_unread;
  std::optional<ConsumerList> list;
};

struct StreamState {
  NameRef name;
  std::uint64_t incarnation = 0;
  std::uint64_t last_poll = 0;  // the poll that read it last
  bool gone = false;            // it did not exist at the last poll
  std::uint64_t server = 0;     // that read it last: a number of the source's own
  // Facts of the last whole look, to notice that a stream of the same name is another one.
  std::optional<StreamFacts> before;
  StreamCounters counters;
  std::map<std::string, GroupState, std::less<>> groups;
  // Polls for which the payloads in XINFO STREAM are spared, because they are large.
  std::uint32_t light_polls = 0;
  // Polls in which it is not asked about: even without payloads a reply was too large to be read.
  std::uint32_t left_out_polls = 0;
  // Of the first and the last entry at the last whole look; a guess before there was one.
  std::uint64_t payload_bytes = std::uint64_t{8} << 10;
};

// Forgets everything but the sums: the stream and all its groups begin anew as `incarnation`.
void BeginAnew(StreamState& stream, std::uint64_t incarnation);
void BeginAnew(GroupState& group, std::uint64_t incarnation);

// The stream is read from `server` now. When that is another one than before (the stream has moved,
// or a replica has taken over), sums, identity and names stay. What is told by comparing two looks
// starts afresh: only a server's own statistics show that nobody interfered in between, and
// clocks differ.
void ReadFrom(StreamState& stream, std::uint64_t server);

}  // namespace streamgauge
