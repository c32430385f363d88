// The groups of one target that are watched: by filter, of this agent's shard, up to a limit, in
// the order of their names. Pure: knows no broker. Owned by the source and used by its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "config/name_filter.h"
#include "config/shard.h"
#include "kafka/committed_offsets.h"
#include "kafka/group_reader.h"
#include "kafka/observation.h"
#include "kafka/tracked_group.h"
#include "model/name.h"

namespace streamgauge::kafka {

class WatchedGroups {
 public:
  using ResolveTopic = std::function<TrackedTopic*(const std::string&)>;

  // `filter` outlives this.
  WatchedGroups(const NameFilter& filter, std::uint32_t limit, const Shard& shard = {});

  void BeginPoll();
  // What the brokers list, all of it but for those in `silent`. A group that is missing is not gone
  // yet: just after a broker's start lists are short. Its committed offsets decide (TakeCommitted).
  void TakeListings(std::vector<GroupListing> listings, const std::set<std::int32_t>& silent,
                    SteadyTime now);
  // One entry per watched group, and those that are away by turns; indices of the following refer
  // to it.
  const std::vector<GroupQuery>& queries() const { return queries_; }
  // These three as CommittedOffsetsTaker's.
  void TakeCommitted(std::size_t index, const GroupOffsets& offsets, AnsweredBy by, SteadyTime now,
                     const ResolveTopic& resolve);
  void TakeUnchanged(std::size_t index, SteadyTime now) { At(index).TakeUnchanged(now); }
  void TakeCommittedError(std::size_t index, const Error& error);
  void TakeFollowed(std::size_t index, const FollowedGroup& followed);
  // Those whose members should be asked for now, as indices, the longest waiting first: at most so
  // many that each one has its turn within 30 polls. Of groups whose records are followed a change
  // is known; one of them in a poll is asked for all the same.
  std::vector<std::size_t> DueForDescription(SteadyTime now) const;
  void TakeDescription(std::size_t index, const GroupDescription& description, SteadyTime now,
                       const ResolveTopic& resolve);
  // Marks the topics as used that a group is on.
  void MarkTopics() const;
  // Forgets a topic that is gone.
  void DropTopic(const TrackedTopic& topic);
  // Puts both sides together and forgets groups that are gone. Those that are out of sight for
  // `stale_after` are away: their coordinator is, or has not read its log yet. They are kept, as
  // far as the limit leaves room beside those that are in sight.
  void Settle(SteadyTime now, Duration stale_after, const TracedGroup* traced = nullptr);

  TrackedGroups& all() { return groups_; }
  const TrackedGroups& all() const { return groups_; }
  std::uint64_t left_out() const { return left_out_; }
  void Sweep() { names_.Sweep(); }

 private:
  TrackedGroup& At(std::size_t index) { return *by_index_[index]; }
  void Index();
  void MarkUnlisted(const std::set<std::int32_t>& silent);
  bool DropAwayOverLimit();

  const NameFilter& filter_;
  std::uint32_t limit_;
  Shard shard_;
  NameTable names_{NameKind::kGroup};
  TrackedGroups groups_;
  std::vector<GroupQuery> queries_;
  std::vector<TrackedGroup*> by_index_;
  std::uint64_t left_out_ = 0;
  std::size_t away_turn_ = 0;
};

}  // namespace streamgauge::kafka
