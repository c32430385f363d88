#include "kafka/partition_times.h"

#include <iterator>

namespace streamgauge::kafka {

TimestampSearch& PartitionTimes::Want(Offset offset, Offset end, std::int64_t now_ms,
                                      bool may_have_gaps) {
  const auto found = searches_.find(offset);
  if (found != searches_.end()) {
    found->second.wanted = true;
    return found->second.search;
  }
  return searches_.emplace(offset, Entry{TimestampSearch(offset, end, now_ms, may_have_gaps)})
      .first->second.search;
}

// Up and down again: a bound reaches everyone whom it concerns.
void PartitionTimes::Share() {
  const TimestampSearch* neighbour = nullptr;
  for (auto& [offset, entry] : searches_) {
    if (neighbour != nullptr) entry.search.Learn(*neighbour);
    neighbour = &entry.search;
  }
  neighbour = nullptr;
  for (auto one = searches_.rbegin(); one != searches_.rend(); ++one) {
    if (neighbour != nullptr) one->second.search.Learn(*neighbour);
    neighbour = &one->second.search;
  }
}

void PartitionTimes::Sweep() {
  for (auto one = searches_.begin(); one != searches_.end();) {
    one = std::exchange(one->second.wanted, false) ? std::next(one) : searches_.erase(one);
  }
}

}  // namespace streamgauge::kafka
