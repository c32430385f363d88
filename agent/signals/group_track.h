// What the analyzer remembers of one group on one stream between polls, and what it concludes.
#pragma once

#include <optional>

#include "config/config.h"
#include "model/report.h"
#include "signals/history.h"
#include "signals/removal.h"
#include "signals/settle.h"
#include "signals/stream_track.h"

namespace streamgauge {

class GroupTrack {
 public:
  // The signals of this poll. `stream` is the track of the group's stream, already of this poll.
  // Fills in all but the objective.
  void Observe(const StreamReading& stream_reading, const StreamTrack& stream,
               const GroupReading& group, Tick now, const SignalsConfig& config,
               GroupSignals& signals);

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
    Tick at = 0;
  };

  void ForgetUnlessSame(const StreamReading& stream, const GroupReading& group, Tick now);
  void NoteMoves(const GroupReading& group, Tick now);
  void NoteBacklog(const GroupReading& group, Tick now);
  void NoteMembers(const GroupReading& group, Tick now);
  void NoteConsumers(const GroupReading& group, Tick now, const SignalsConfig& config);
  void NoteLosses(const GroupReading& group, Tick now, double window);
  void Judge(const StreamReading& stream_reading, const StreamTrack& stream,
             const GroupReading& group, Tick now, const SignalsConfig& config,
             GroupSignals& signals);

  GroupHistory history_;
  CommitTrack commits_;
  VerdictMemory verdict_;
  std::uint64_t stream_incarnation_ = 0;
  std::uint64_t incarnation_ = 0;
  std::optional<Position> position_;
  std::optional<std::uint64_t> delivered_, acknowledged_, pending_, lost_;
  Tick first_seen_ = 0;
  Tick moved_at_ = 0;
  KnownConsumers consumers_;
  Since unread_since_, backlog_since_, memberless_since_, lost_at_;
  std::uint64_t lost_before_ = 0;  // lost_total before the losses of lost_at_ began
  bool members_left_ = false;
  bool moved_memberless_ = false;
  bool removal_approaches_ = false;
};

}  // namespace streamgauge
