// Where committed offsets come from: one implementation asks the brokers once per group, one
// follows the groups' commits as they happen. Used by the source's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kafka/admin_requests.h"
#include "kafka/group_reader.h"
#include "kafka/observation.h"

namespace streamgauge::kafka {

// What following a group's records tells beside its offsets.
struct FollowedGroup {
  std::uint64_t rebalances = 0;  // seen
  bool members_changed = false;  // since the last time that this was told
};

// Whose answer it is.
enum class AnsweredBy : std::uint8_t {
  kCoordinator,  // as listed in this poll; or nobody was asked, as the records tell it
  kAnother,      // the listed one had moved, or was not ready at first
};

// Takes what was read of the groups, by their index.
class CommittedOffsetsTaker {
 public:
  virtual ~CommittedOffsetsTaker() = default;

  // All that the group has committed.
  virtual void TakeOffsets(std::size_t index, const GroupOffsets& offsets, AnsweredBy by) = 0;
  // It has not changed since it was last told, and that is known, not assumed.
  virtual void TakeUnchanged(std::size_t index) = 0;
  // It could not be read, and why. kNotFound: the coordinator knows no such group.
  virtual void TakeError(std::size_t index, const Error& error) = 0;
  // After one of the first two: every commit of the group is seen.
  virtual void TakeFollowed(std::size_t index, const FollowedGroup& followed) = 0;
};

class CommittedOffsets {
 public:
  virtual ~CommittedOffsets() = default;

  // Brings the offsets of `groups` up to now and tells one of the first three of each. A group that
  // needs it is told its offsets, changed or not.
  virtual void Read(AdminRequests& requests, std::span<const GroupQuery> groups,
                    CommittedOffsetsTaker& taker) = 0;
};

}  // namespace streamgauge::kafka
