// A source that a test plays: what it answers may change at any moment, from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>

#include "model/source.h"

namespace streamgauge::test {

enum class Play : std::uint8_t {
  kAnswer,
  kFail,       // unavailable
  kForbidden,  // unauthorized
  kThrow,
  kHang,      // until told to stop, as a good source does
  kHangDeaf,  // until the play changes, whatever it is told
};

// The script of one or more sources of one target; outlives them by shared ownership.
class Script {
 public:
  void Set(Play play) {
    const std::lock_guard lock(mutex_);
    play_ = play;
    changed_.notify_all();
  }
  int polls() const {
    const std::lock_guard lock(mutex_);
    return polls_;
  }
  int sources() const {
    const std::lock_guard lock(mutex_);
    return sources_;
  }

  void SourceMade() {
    const std::lock_guard lock(mutex_);
    ++sources_;
  }
  // What to do now; returns only when that is no hanging.
  Play Next(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    ++polls_;
    if (play_ == Play::kHang) changed_.wait(lock, stop, [this] { return play_ != Play::kHang; });
    changed_.wait(lock, [this] { return play_ != Play::kHangDeaf; });
    return play_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Play play_ = Play::kAnswer;
  int polls_ = 0;
  int sources_ = 0;
};

class FakeSource : public Source {
 public:
  explicit FakeSource(std::shared_ptr<Script> script) : script_(std::move(script)) {
    script_->SourceMade();
  }

  Result<Reading> Poll(std::stop_token stop) override {
    ++telemetry_.round_trips;
    switch (script_->Next(stop)) {
      case Play::kFail:
        return std::unexpected(Error{Reason::kUnavailable, "connection refused"});
      case Play::kForbidden:
        return std::unexpected(Error{Reason::kUnauthorized, "NOPERM"});
      case Play::kThrow:
        throw std::runtime_error("a bug");
      case Play::kHang:
        return std::unexpected(Error{Reason::kTimeout, "told to stop"});
      default:
        break;
    }
    Reading reading;
    reading.time = WallNow();
    reading.version = "7.0.15";
    reading.mode = "standalone";
    return reading;
  }
  const Telemetry& telemetry() const override { return telemetry_; }

 private:
  std::shared_ptr<Script> script_;
  Telemetry telemetry_;
};

}  // namespace streamgauge::test
