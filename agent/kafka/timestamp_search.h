// Finds the timestamp of the record at one offset by asking the broker "which is the first record
// with at least this timestamp?", which needs no right to read the topic. Pure: the questions are
// asked by somebody else. Used by the source's thread.
//
// The answer is the highest timestamp up to that record, which is the record's own where timestamps
// rise with offsets. Where producers' clocks differ, it is off by as much as they do.
#pragma once

#include <cstdint>
#include <optional>

#include "kafka/offset.h"

namespace streamgauge::kafka {

class TimestampSearch {
 public:
  // For the record at `wanted` in a log that ends at `end`. `may_have_gaps`: compaction may have
  // removed the record, and the oldest unread one is then a later one.
  TimestampSearch(Offset wanted, Offset end, std::int64_t now_ms, bool may_have_gaps);

  // Takes over what a search for another record of the same log knows.
  void Learn(const TimestampSearch& other);

  Offset wanted() const { return wanted_; }
  // Milliseconds since the epoch, within half a second, when it has been found. Timestamps more
  // than two days in the future, which producers may have set to anything, are not found.
  std::optional<std::int64_t> found() const { return found_; }
  // What was found is that record's own timestamp, not merely the highest up to it. False where
  // that is not known, as of many records with one timestamp.
  bool found_own() const { return found_ && low_ && low_->offset >= wanted_; }
  // Knows at least where the log begins.
  bool begun() const { return low_.has_value(); }
  // The timestamp to ask for next; absent when it is found or cannot be.
  std::optional<std::int64_t> Question() const;
  // The first record with at least the timestamp in question; `offset` < 0: there is none.
  // REQUIRES: Question().
  void Answer(Offset offset, std::int64_t timestamp_ms);

 private:
  struct Known {
    Offset offset;
    std::int64_t ms;
  };

  bool TakeLow(const Known& low);
  bool TakeHigh(const Known& high, std::int64_t next_record_ms);
  void ChooseQuestion();
  std::int64_t Guess() const;
  void Finish(std::int64_t ms);

  Offset wanted_;
  bool may_have_gaps_;
  std::optional<std::int64_t> found_;
  std::optional<std::int64_t> question_;
  std::int64_t latest_ms_;  // where later timestamps are taken to be
  int questions_asked_ = 0;
  bool halve_next_ = false;
  std::optional<Known> low_;  // a record at or before the wanted one, and its timestamp
  // No record up to the wanted one has a timestamp >= ms; the first that has is at `offset`. Until
  // an answer says so it is assumed of the present time and the log's end.
  Known high_;
  bool high_answered_ = false;
  std::int64_t next_record_ms_ = 0;  // timestamp of the record at high_.offset, if there is one
};

}  // namespace streamgauge::kafka
