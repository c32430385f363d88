#include "support/activities.h"

#include <condition_variable>
#include <exception>
#include <utility>

namespace streamgauge::test {

bool Pause(const std::stop_token& stop, std::chrono::milliseconds duration) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

void Activities::Repeat(std::string name, std::chrono::milliseconds pause,
                        std::function<void()> step) {
  threads_.emplace_back(
      [this, name = std::move(name), pause, step = std::move(step)](const std::stop_token& stop) {
        try {
          do {
            step();
          } while (Pause(stop, pause));
        } catch (const std::exception& e) {
          Fail(name + ": " + e.what());
        }
      });
}

std::optional<std::string> Activities::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Activities::Fail(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = what;
}

}  // namespace streamgauge::test
