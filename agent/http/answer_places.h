// How many large answers (a page of figures may have 50 MB) are sent at a time. Fewer than there
// are threads: clients that ask for them and never read keep no thread from probes. Methods may be
// called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <set>
#include <thread>

namespace streamgauge {

class AnswerPlaces {
 public:
  explicit AnswerPlaces(std::size_t count) : count_(count) {}

  // Gives the calling thread a place, for which it waits up to `patience`; false when all are taken
  // for longer.
  bool Take(std::chrono::milliseconds patience);
  // The calling thread has sent its answer. Nothing when it has no place.
  void Return();

 private:
  const std::size_t count_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::set<std::thread::id> taken_by_;
};

}  // namespace streamgauge
