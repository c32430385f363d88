// What the analyzer remembers of one group on one stream between polls, and what it concludes.
#pragma once

#include <optional>

#include "config/config.h"
#include "model/report.h"
#include "model/trace.h"
#include "signals/headroom.h"
#include "signals/history.h"
#include "signals/rates.h"
#include "signals/removal.h"
#include "signals/settle.h"
#include "signals/stream_track.h"

namespace streamgauge {

class GroupTrack {
 public:
  // One group as this poll shows it.
  struct Subject {
    const StreamReading& stream;
    const StreamTrack& track;  // of the stream, already of this poll
    const GroupReading& group;
  };

  // Takes the next poll and fills in the signals.
  void Observe(const Subject& subject, Tick now, const SignalsConfig& config, GroupSignals& signals,
               Trace* trace = nullptr);

  NameRef stream_name;  // keep their addresses from being used again while they are the key
  NameRef group_name;
  std::optional<double> objective_seconds;
  Tick last_seen = 0;
  bool is_new = true;

 private:
  // A time that something holds since, once it does.
  using Since = std::optional<Tick>;

  // Large targets list consumers by turns: what was known last serves until the next turn.
  struct KnownConsumers {
    std::optional<ConsumerStates> states;
    std::optional<double> quiet;
    bool are_members = false;
    bool knows_attempts = true;
    Tick at = 0;
  };
  struct Trends {
    Trend backlog;
    Trend age;
    Trend headroom;  // in messages
    std::optional<Rise> delivered;
  };

  // While headroom shrinks, from the poll on that saw it do so.
  struct Fall {
    double from = 0;   // messages, a window before that
    double swing = 0;  // the most that batches may have made of it
    Tick seen = 0;     // last
  };

  void ForgetUnlessSame(const StreamReading& stream, const GroupReading& group, Tick now);
  void NoteMoves(const GroupReading& group, Tick now);
  bool SeesMoves(const GroupReading& group) const;
  void NoteGoingBack(const GroupReading& group, Tick now);
  void NotePoint(const GroupReading& group, Tick now, Tick window);
  void NoteBacklog(const GroupReading& group, Tick now);
  void NoteMembers(const GroupReading& group, Tick now);
  void NoteConsumers(const GroupReading& group, Tick now, const SignalsConfig& config);
  void NoteLosses(const GroupReading& group, Tick now, double window);
  void NoteFall(const Trend& headroom, double batches, Tick now, double window);
  Trends TrendsOf(const SignalsConfig& config) const;
  Headroom HeadroomNow(const Subject& subject, const Trends& trends, Tick now, double window,
                       Trace* trace);
  VerdictInput InputFor(const Subject& subject, const Trends& trends, Tick now,
                        double window) const;
  void Conclude(const Subject& subject, Tick now, const SignalsConfig& config,
                GroupSignals& signals, Trace* trace);

  GroupHistory history_;
  CommitTrack commits_;
  VerdictMemory verdict_;
  std::uint64_t stream_incarnation_ = 0;
  std::uint64_t incarnation_ = 0;
  std::optional<Position> position_;
  // The totals are those of the last poll, absent if they were; position and pending the last
  // known.
  std::optional<std::uint64_t> delivered_, acknowledged_, pending_, lost_;
  RiseTrack deliveries_, finishes_;
  LargestRise most_delivered_;
  std::optional<Fall> fall_;  // of the headroom
  Tick first_seen_ = 0;
  Tick moved_at_ = 0;
  Tick went_back_at_ = 0;  // or was first seen
  KnownConsumers consumers_;
  Since unread_since_, backlog_since_, memberless_since_, lost_at_;
  std::uint64_t lost_before_ = 0;  // lost_total before the losses of lost_at_ began
  bool moves_known_ = false;
  bool rewound_ = false;
  bool had_members_ = false;
  bool members_left_ = false;
  bool moved_memberless_ = false;
  bool removal_approaches_ = false;
};

}  // namespace streamgauge
