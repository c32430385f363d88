// The topics of one target that are watched: by filter, up to a limit, in the order of their names.
// Pure: knows no broker. Owned by the source and used by its thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/name_filter.h"
#include "kafka/observation.h"
#include "kafka/tracked_topic.h"
#include "model/error.h"
#include "model/name.h"
#include "model/time.h"

namespace streamgauge::kafka {

class WatchedTopics {
 public:
  using Gone = std::function<void(const TrackedTopic&)>;

  // `filter` outlives this. `gone` is told of a topic before it is forgotten, which takes
  // `stale_after` in which all brokers that were asked said that there is no such topic.
  WatchedTopics(const NameFilter& filter, std::uint32_t limit, Duration stale_after, Gone gone);

  void BeginPoll(SteadyTime now);
  // All topics that there are. Those that are not watched yet are; the first `limit` by name.
  void TakeNames(std::vector<std::string> names);
  // The topic of that name, watched from now on if the filter and the limit allow it; else null.
  TrackedTopic* Watch(std::string_view name);
  // What the brokers say of a topic. One that does not exist is not shown from now on, and goes
  // when that is certain; one that we never saw, or may not see, goes at once.
  void TakeDescription(std::string_view name, Result<TopicDescription> description, SteadyTime now);

  // Lets the topics rest that no group uses: they are asked about in every third poll, and sooner
  // where their last values would not count any more in the next one. REQUIRES: it is known which
  // are used.
  void Rest();

  // Takes the offsets that were read in this poll, of the topics that were described after it.
  void Settle();

  const TrackedTopics& all() const { return topics_; }
  // Of all but those that rest.
  std::vector<std::string> NamesToDescribe() const;
  // Matched by the filter and beyond the limit.
  std::uint64_t left_out() const { return left_out_; }
  // Forgets names that nothing uses any more.
  void Sweep() { names_.Sweep(); }

 private:
  void TakeMissing(TrackedTopics::iterator topic, SteadyTime now);
  void Forget(TrackedTopics::iterator topic);

  const NameFilter& filter_;
  std::uint32_t limit_;
  Duration stale_after_;
  Gone gone_;
  NameTable names_{NameKind::kStream};
  TrackedTopics topics_;
  std::uint32_t last_number_ = 0;
  std::uint64_t left_out_ = 0;
  SteadyTime now_{};                         // of this poll
  std::optional<SteadyTime> poll_before_{};  // the time of the poll before
};

}  // namespace streamgauge::kafka
