// One target's thread: poll, analyse, publish, wait for the next tick. The only place that logs a
// failing target, once for each change of its state, and where exceptions of a source end.
//
// Owned by the App and used by its thread, Retire() and Ended() aside, which any thread may call.
// The source and the analyzer belong to the poller's own thread, where they are destroyed too: a
// library that takes its time to shut down holds up nobody else.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "config/config.h"
#include "metrics/agent_metrics.h"
#include "model/board.h"
#include "model/source.h"
#include "signals/analyzer.h"
#include "sources.h"

namespace streamgauge {

class Poller {
 public:
  struct Parts {
    std::unique_ptr<Source> source;
    std::unique_ptr<Analyzer> analyzer;
    std::unique_ptr<TargetMetrics> metrics;
    Board* board = nullptr;  // outlives the poller
  };

  // Puts the target on the board at once, as one that was not polled yet. `stale_after`: how long
  // after its last success a target's figures are kept.
  Poller(TargetConfig config, Duration stale_after, Parts parts);
  // Retires, and waits for the thread.
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  const TargetConfig& config() const { return config_; }

  // Starts the thread, which polls at once and then at every tick.
  void Start();
  // One poll in the caller's thread: for --once, instead of Start. True when it succeeded.
  bool PollOnce(const std::stop_token& stop);

  // From the return of this on nothing more is published, and the target's own metrics are gone.
  // The thread ends as soon as its poll returns. Does not wait.
  void Retire();
  // True when the thread has ended, or never began: then the destructor does not wait.
  bool Ended() const { return ended_; }

 private:
  // What was last told in the log.
  enum class Told : std::uint8_t { kNothing, kUp, kDown, kBroken };

  void Run(const std::stop_token& stop);
  Result<ReportRef> PollAndAnalyze(const std::stop_token& stop);
  Error Broken(std::string_view what);
  void Publish(const Result<ReportRef>& result, std::chrono::nanoseconds duration);
  TargetViewRef MakeView(const Result<ReportRef>& result, std::chrono::microseconds duration);
  void LogChange(const Result<ReportRef>& result);

  const TargetConfig config_;
  const Duration stale_after_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<Analyzer> analyzer_;

  // The last success, kept to be shown until it is stale.
  ReportRef last_report_;
  SteadyTime expires_{};
  std::optional<WallTime> last_success_;

  bool broken_ = false;  // the last poll ended in an exception: a bug
  Told told_ = Told::kNothing;
  Reason told_reason_{};

  std::mutex outlet_mutex_;  // guards the two below: a retired poller has neither
  Board* board_;
  std::unique_ptr<TargetMetrics> metrics_;

  std::atomic<bool> ended_ = true;
  std::jthread thread_;
};

// A poller with all its parts, as `config` wants it. `metrics` and `board` outlive it.
std::unique_ptr<Poller> MakePoller(const TargetConfig& target, const Config& config,
                                   const SourceFactory& make_source, AgentMetrics& metrics,
                                   Board& board);

}  // namespace streamgauge
