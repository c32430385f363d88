// What goes on beside a test or in the demo until its owner ends it: a producer, a consumer.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace streamgauge::test {

// Returns false when `stop` was requested meanwhile.
bool Pause(const std::stop_token& stop, std::chrono::milliseconds duration);

// Threads that end together. What one of them throws is kept for the owner, who polls failure().
class Activities {
 public:
  // Calls `step` again and again, with `pause` in between, until the owner is destroyed.
  void Repeat(std::string name, std::chrono::milliseconds pause, std::function<void()> step);
  // The first failure, in words.
  std::optional<std::string> failure() const;

 private:
  void Fail(const std::string& what);

  mutable std::mutex mutex_;
  std::optional<std::string> failure_;
  std::vector<std::jthread> threads_;  // last: they use the others
};

}  // namespace streamgauge::test
