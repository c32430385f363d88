// What one group has committed, as the records of the offsets topic tell: a snapshot, and every
// commit since. Pure. Owned by CommitFeed and used by the source's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/observation.h"
#include "kafka/offset.h"
#include "model/rise_counter.h"
#include "model/time.h"

namespace streamgauge::kafka {

// One commit, or that there is none any more.
struct FedCommit {
  std::string_view topic;
  std::int32_t partition = 0;
  std::optional<Offset> offset;
  WallTime time{};  // of a commit
};

class FedGroup {
 public:
  // `offsets_partition`: where the group's records are.
  explicit FedGroup(std::int32_t offsets_partition) : offsets_partition_(offsets_partition) {}

  void BeginPoll() { early_.clear(); }
  void Apply(const FedCommit& commit);
  // A record tells the number of the group's last rebalance.
  void TakeRebalance(std::int32_t number);
  void TakeMembersChange() { members_changed_ = true; }

  // `offsets` is all that is committed, read after every record that was applied. A broker may
  // show a record a moment before it answers by it: `keep_early` applies the records of this poll
  // again. REQUIRES of it: they go as far as what was ever reported of the group.
  void Load(const GroupOffsets& offsets, bool keep_early);
  // Records are missing: what is known of the group means nothing until the next Load.
  void Forget();
  // Its records are not where they should be: nobody knows which ones are missing, ever.
  void TakeMisplaced() { misplaced_ = true; }

  // What is known goes as far as the records that were read.
  bool loaded() const { return loaded_ && !misplaced_; }
  std::int32_t offsets_partition() const { return offsets_partition_; }
  const GroupOffsets& offsets() const { return offsets_; }
  std::uint64_t rebalances() const { return rebalances_.total(); }
  // Since the last call.
  bool TakeChanged();
  void TellAgain() { changed_ = true; }  // somebody was told something else
  bool TakeMembersChanged();

  std::uint64_t watched_in = 0;  // CommitFeed's number of the last poll in which it was wanted

 private:
  // Kept for Load: what came in this poll before it.
  struct EarlyCommit {
    std::string topic;
    std::int32_t partition = 0;
    std::optional<Offset> offset;
  };
  void Set(std::string_view topic, std::int32_t partition, std::optional<Offset> offset);
  TopicOffsets* Find(std::string_view topic);

  std::int32_t offsets_partition_;
  bool loaded_ = false;
  bool misplaced_ = false;
  bool changed_ = false;
  bool members_changed_ = false;
  GroupOffsets offsets_;  // by topic; partitions ascending
  std::vector<EarlyCommit> early_;
  RiseCounter rebalances_;
};

}  // namespace streamgauge::kafka
