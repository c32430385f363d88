#include "http/answer_places.h"

namespace streamgauge {

bool AnswerPlaces::Take(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  if (!returned_.wait_for(lock, patience, [this] { return taken_by_.size() < count_; })) {
    return false;
  }
  taken_by_.insert(std::this_thread::get_id());
  return true;
}

void AnswerPlaces::Return() {
  const std::lock_guard lock(mutex_);
  if (taken_by_.erase(std::this_thread::get_id()) > 0) returned_.notify_one();
}

}  // namespace streamgauge
