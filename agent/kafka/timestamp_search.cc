#include "kafka/timestamp_search.h"

#include <algorithm>
#include <limits>

namespace streamgauge::kafka {
namespace {

constexpr std::int64_t kPrecisionMs = 1000;
// Halving a year down to a second takes 25 questions.
constexpr int kMaxQuestions = 64;
// Two days: more than what can be a time of a producer whose clock is wrong (IsPlausibleTime).
constexpr std::int64_t kMaxFutureMs = 2 * std::int64_t{86'400'000};
constexpr std::int64_t kNoRecord = std::numeric_limits<std::int64_t>::max();

}  // namespace

TimestampSearch::TimestampSearch(Offset wanted, Offset end, std::int64_t now_ms, bool may_have_gaps)
    : wanted_(wanted),
      may_have_gaps_(may_have_gaps),
      latest_ms_(now_ms + kMaxFutureMs),
      high_{end, now_ms + 1} {
  next_record_ms_ = kNoRecord;
  ChooseQuestion();
}

void TimestampSearch::Learn(const TimestampSearch& other) {
  if (found_) return;
  const bool lower = other.low_ && TakeLow(*other.low_);
  const bool upper = other.high_answered_ && TakeHigh(other.high_, other.next_record_ms_);
  if (lower || upper) ChooseQuestion();
}

std::optional<std::int64_t> TimestampSearch::Question() const { return question_; }

void TimestampSearch::Answer(Offset offset, std::int64_t timestamp_ms) {
  const std::int64_t asked = *question_;
  const std::int64_t width_before = low_ ? high_.ms - low_->ms : kNoRecord;
  const bool none = offset < 0;
  timestamp_ms = std::clamp<std::int64_t>(timestamp_ms, 0, latest_ms_);
  ++questions_asked_;
  // Exactly it; or the log begins after it, and the first record there is the oldest unread one.
  if (!none && (offset == wanted_ || (offset > wanted_ && !low_ && asked == 0))) {
    low_ = Known{offset, timestamp_ms};
    return Finish(timestamp_ms);
  }
  if (!none && offset < wanted_) {
    TakeLow({offset, timestamp_ms});
  } else {
    TakeHigh({none ? high_.offset : offset, asked}, none ? kNoRecord : timestamp_ms);
  }
  halve_next_ = low_ && high_.ms - low_->ms > width_before / 2;
  ChooseQuestion();
}

// True when that says more than what is known.
bool TimestampSearch::TakeLow(const Known& low) {
  if (low.offset > wanted_ || (low_ && low_->ms >= low.ms)) return false;
  low_ = low;
  // A timestamp in the future: the bound that was only assumed does not hold.
  if (low_->ms >= high_.ms) high_.ms = low_->ms + 2 * kPrecisionMs;
  return true;
}

bool TimestampSearch::TakeHigh(const Known& high, std::int64_t next_record_ms) {
  if (high.offset <= wanted_ || high.ms > high_.ms) return false;
  high_ = high;
  high_answered_ = true;
  next_record_ms_ = next_record_ms;
  return true;
}

void TimestampSearch::ChooseQuestion() {
  question_.reset();
  if (questions_asked_ >= kMaxQuestions) return;
  if (!low_) {
    // Nothing is asked twice: an empty log answers "none" and is left alone.
    if (questions_asked_ == 0) question_ = 0;
    return;
  }
  if (low_->offset == wanted_ || low_->ms >= latest_ms_) return Finish(low_->ms);
  const std::int64_t width = high_.ms - low_->ms;
  const bool settled = !may_have_gaps_ || next_record_ms_ - low_->ms <= kPrecisionMs;
  if (width <= kPrecisionMs && settled) return Finish(low_->ms + (width - 1) / 2);
  // Compaction left a gap here or did not: the two cannot be told apart.
  if (width <= 1) return;
  question_ = Guess();
}

// In proportion to the offsets, as most streams are steady; the middle after a guess that was not
// worth it. A guess near a known end moves to where its answer would settle the matter.
std::int64_t TimestampSearch::Guess() const {
  const std::int64_t width = high_.ms - low_->ms;
  const double share = halve_next_ || high_.offset <= low_->offset
                           ? 0.5
                           : static_cast<double>(wanted_ - low_->offset) /
                                 static_cast<double>(high_.offset - low_->offset);
  std::int64_t guess = low_->ms + static_cast<std::int64_t>(static_cast<double>(width) * share);
  if (guess - low_->ms < kPrecisionMs) guess = low_->ms + std::min(kPrecisionMs, width / 2);
  if (high_.ms - guess < kPrecisionMs) guess = high_.ms - std::min(kPrecisionMs, width / 2);
  return std::clamp(guess, low_->ms + 1, high_.ms - 1);
}

void TimestampSearch::Finish(std::int64_t ms) {
  question_.reset();
  // Cut off there: it will not have been that time when that time has come.
  if (ms < latest_ms_) found_ = ms;
}

}  // namespace streamgauge::kafka
