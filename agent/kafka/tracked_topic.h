// One topic over many polls: what was last read of its partitions, and their sums of rises. Pure:
// `now` is passed in. Owned by the source and used by its thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/end_window.h"
#include "kafka/observation.h"
#include "kafka/offset.h"
#include "kafka/partition_times.h"
#include "model/error.h"
#include "model/name.h"
#include "model/rise_counter.h"
#include "model/time.h"

namespace streamgauge::kafka {

struct TrackedPartition {
  std::optional<std::int32_t> leader;
  std::optional<std::int32_t> replicas;
  std::optional<std::int32_t> in_sync_replicas;

  // Read in this poll, while it is not certain of which topic.
  struct Staged {
    Offset start;
    Offset end;
    std::optional<Offset> stable;
    SteadyTime at;
    bool stable_kept = false;  // not read: it is the end, as it was
  };
  std::optional<Staged> staged;

  // The last offsets read, together, at `read_at`. `fresh`: in this poll.
  std::optional<Offset> start;
  std::optional<Offset> end;
  std::optional<Offset> stable;
  SteadyTime read_at{};
  bool fresh = false;
  bool was_fresh = false;  // in the poll before
  // The stable offset was the end, at the leader that leads now.
  bool stable_at_end = false;
  // The start offsets of the two readings before.
  std::optional<Offset> previous_start;
  std::optional<Offset> start_before;

  RiseCounter appended;
  RiseCounter removed;
  EndWindow ends;
  PartitionTimes times;

  void StageOffsets(Offset new_start, Offset new_end, SteadyTime now);
  // The last stable offset, read after the end of the same poll.
  void StageStable(Offset new_stable);
  // Stages the last stable offset without it being read, if that is possible: the two were the same
  // and the end has not moved, so that no transaction can have written anything since.
  bool KeepStable();
  // Another broker leads: its log may have been cut, and have grown again.
  void MoveLeader(std::optional<std::int32_t> new_leader);
  // What was read is of the topic that is known.
  void TakeStaged();
  // The offsets may be shown: read now, or not longer than `stale_after` ago.
  bool Presentable(SteadyTime now, Duration stale_after) const {
    return end && now - read_at <= stale_after;
  }
};

struct TrackedTopic {
  // `topic_number`: no other topic of this source has it, nor had this name's earlier ones.
  TrackedTopic(NameRef topic_name, std::uint32_t topic_number)
      : name(std::move(topic_name)), number(topic_number) {}

  NameRef name;
  std::uint32_t number;
  TopicId id;
  bool described = false;
  bool confirmed = false;     // described in this poll, after offsets were read
  bool used = false;          // a watched group is on it, in this poll
  bool rests = false;         // nothing is asked about it in this poll
  SteadyTime described_at{};  // last
  // Since when brokers say that there is no such topic. One whose metadata lags says so of a topic
  // that is there: until it is certain the topic is kept and not shown.
  std::optional<SteadyTime> missing_since;
  // How often its identity changed. What was read in a poll in which it does may be of either
  // topic.
  std::uint32_t recreations = 0;
  std::uint32_t groups_seen = 0;             // numbers the groups that came, and came again
  std::vector<TrackedPartition> partitions;  // index: partition number
  // Sums of rises of the partitions of earlier topics of this name: counters never fall.
  std::uint64_t appended_before = 0;
  std::uint64_t removed_before = 0;
  std::optional<TopicSettings> settings;
  SteadyTime settings_read_at{};
  std::optional<SteadyTime> settings_asked_at;
  bool settings_denied = false;  // they may not be read, as last told

  void BeginPoll();
  // All that is known was read or told since `time`.
  bool KnownSince(SteadyTime time) const;
  // Takes its present shape. A new identity forgets everything that was known.
  void Describe(const TopicDescription& description, SteadyTime now);
  // Takes the offsets of the poll if it is certain that they are this topic's.
  void TakeStaged();
  // What was read of the settings, or that nothing was: they are kept for `keep` then.
  void TakeSettings(const Result<TopicSettings>& read, SteadyTime now, SteadyTime::duration keep);
  // Another one after a re-creation, and when the sums begin anew because the topic was forgotten.
  std::uint64_t incarnation() const { return std::uint64_t{number} << 32 | recreations; }

 private:
  void ForgetFormerTopic();
  void Reshape(std::size_t count);
  void DropPartitionsFrom(std::size_t first);
};

// By name. The topics' addresses do not change.
using TrackedTopics = std::map<std::string, std::unique_ptr<TrackedTopic>, std::less<>>;

}  // namespace streamgauge::kafka
