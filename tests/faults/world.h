// A small world on a real server, always in motion, of which the exact truth is known at every
// moment; and what a scrape of the agent that watches it may say.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "faults/ledger.h"
#include "support/metrics_page.h"

namespace streamgauge::test {

// The target's name in the agent's configuration, where there is one world.
inline constexpr const char* kWorldTarget = "world";

// Methods may be called from any thread.
class World {
 public:
  explicit World(std::string target) : target_(std::move(target)) {}
  virtual ~World() = default;  // REQUIRES: StandStill
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // The target's name in the agent's configuration.
  const std::string& target() const { return target_; }

  // Its producers and consumers stop, and go on. Rest returns when none is at work any more.
  void Rest();
  void GoOn();
  // What broke in the world itself, which makes the test worthless; empty: nothing.
  std::string failure() const;

  // Every figure of the page that was not true while the poll was made that ended at `poll_ended`,
  // in words. What is not on the page is no lie.
  virtual std::vector<std::string> LiesOf(const MetricsPage& page, WallMoment poll_ended) = 0;
  // Those series that the page lacks and should have when all is well.
  virtual std::vector<std::string> MissingOn(const MetricsPage& page) const = 0;

 protected:
  // From now on a thread takes one step after the other, so far apart. To be called once the world
  // is there; StandStill ends it, and must before the members go that steps use.
  void SetInMotion(std::chrono::milliseconds between);
  void StandStill() { thread_ = {}; }
  // One throws when the world breaks.
  virtual void Step() = 0;

  mutable std::mutex mutex_;  // held during a step

 private:
  void Run(const std::stop_token& stop, std::chrono::milliseconds between);

  const std::string target_;
  bool rests_ = false;
  std::string failure_;
  std::jthread thread_;
};

}  // namespace streamgauge::test
