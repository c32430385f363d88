// The searches for the times of records of one partition, one for each offset that a group stands
// at. They share what they learn. Pure. Used by the source's thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "kafka/offset.h"
#include "kafka/timestamp_search.h"

namespace streamgauge::kafka {

class PartitionTimes {
 public:
  // The search for the record at `offset`, begun if there is none. It lives as long as it is wanted
  // again before each Sweep.
  TimestampSearch& Want(Offset offset, Offset end, std::int64_t now_ms, bool may_have_gaps);
  // Lets all searches learn from their neighbours.
  void Share();
  // Calls `ask(search)` for those that have a question worth asking now.
  template <typename Ask>
  void ForEachQuestion(const Ask& ask);
  // Ends what nobody has wanted since the last Sweep.
  void Sweep();
  // The log is another one.
  void Forget() { searches_.clear(); }

  bool empty() const { return searches_.empty(); }

 private:
  struct Entry {
    TimestampSearch search;
    bool wanted = true;
  };
  std::map<Offset, Entry> searches_;
};

template <typename Ask>
void PartitionTimes::ForEachQuestion(const Ask& ask) {
  bool begins = false;  // one asks where the log begins for all
  for (auto& [offset, entry] : searches_) {
    if (!entry.search.Question()) continue;
    if (!entry.search.begun() && std::exchange(begins, true)) continue;
    ask(entry.search);
  }
}

}  // namespace streamgauge::kafka
