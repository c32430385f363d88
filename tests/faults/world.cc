#include "faults/world.h"

#include <exception>

#include "support/activities.h"

namespace streamgauge::test {

void World::SetInMotion(std::chrono::milliseconds between) {
  thread_ = std::jthread([this, between](const std::stop_token& stop) { Run(stop, between); });
}

void World::Run(const std::stop_token& stop, std::chrono::milliseconds between) {
  while (Pause(stop, between)) {
    const std::lock_guard lock(mutex_);
    if (rests_ || !failure_.empty()) continue;
    try {
      Step();
    } catch (const std::exception& e) {
      failure_ = e.what();
    }
  }
}

void World::Rest() {
  const std::lock_guard lock(mutex_);
  rests_ = true;
}

void World::GoOn() {
  const std::lock_guard lock(mutex_);
  rests_ = false;
}

std::string World::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace streamgauge::test
