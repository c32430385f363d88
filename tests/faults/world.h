// A small world on a real server, always in motion, of which the exact truth is known at every
// moment; and what a scrape of the agent that watches it may say.
#pragma once

#include <chrono>
#include <string>
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
  virtual ~World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // The target's name in the agent's configuration.
  const std::string& target() const { return target_; }

  // Its producers and consumers stop, and go on. Rest returns when none is at work any more.
  virtual void Rest() = 0;
  virtual void GoOn() = 0;
  // What broke in the world itself, which makes the test worthless; empty: nothing.
  virtual std::string failure() const = 0;

  // Every figure of the page that was not true while the poll was made that ended at `poll_ended`,
  // in words. What is not on the page is no lie.
  virtual std::vector<std::string> LiesOf(const MetricsPage& page, WallMoment poll_ended) = 0;
  // Those series that the page lacks and should have when all is well.
  virtual std::vector<std::string> MissingOn(const MetricsPage& page) const = 0;

 private:
  const std::string target_;
};

}  // namespace streamgauge::test
