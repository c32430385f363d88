#include "poller.h"

#include <chrono>
#include <exception>
#include <utility>

#include "config/target_view.h"
#include "log/log.h"
#include "model/sleep.h"
#include "poll_schedule.h"

namespace streamgauge {
namespace {

SteadyTime SteadyNow() { return std::chrono::steady_clock::now(); }

std::string Describe(const Reading& reading) {
  if (reading.version.empty()) return std::string(reading.mode);
  return reading.mode.empty() ? reading.version
                              : fmt::format("{}, {}", reading.version, reading.mode);
}

}  // namespace

Poller::Poller(TargetConfig config, Duration stale_after, Parts parts)
    : config_(std::move(config)),
      stale_after_(stale_after),
      source_(std::move(parts.source)),
      analyzer_(std::move(parts.analyzer)),
      board_(parts.board),
      metrics_(std::move(parts.metrics)) {
  board_->Publish(std::make_shared<const TargetView>(BlankView(config_)));
}

Poller::~Poller() { Retire(); }

void Poller::Start() {
  ended_ = false;
  thread_ = std::jthread([this](const std::stop_token& stop) {
    Run(stop);
    source_.reset();
    analyzer_.reset();
    ended_ = true;
  });
}

void Poller::Retire() {
  thread_.request_stop();
  const std::lock_guard lock(outlet_mutex_);
  board_ = nullptr;
  metrics_.reset();
}

void Poller::Run(const std::stop_token& stop) {
  PollSchedule schedule(SteadyNow(), config_.poll_interval);
  while (!stop.stop_requested()) {
    const bool success = PollOnce(stop);
    schedule.PollEnded(SteadyNow(), success);
    SleepUntil(schedule.due(), stop);
  }
}

bool Poller::PollOnce(const std::stop_token& stop) {
  const SteadyTime started = SteadyNow();
  const Result<ReportRef> result = PollAndAnalyze(stop);
  // A poll that was broken off says nothing about the target.
  if (stop.stop_requested()) return result.has_value();
  LogChange(result);
  Publish(result, SteadyNow() - started);
  return result.has_value();
}

Result<ReportRef> Poller::PollAndAnalyze(const std::stop_token& stop) {
  broken_ = false;
  try {
    Result<Reading> reading = source_->Poll(stop);
    if (!reading) return std::unexpected(std::move(reading.error()));
    return analyzer_->Analyze(std::move(*reading));
  } catch (const std::exception& e) {
    return std::unexpected(Broken(e.what()));
  } catch (...) {
    return std::unexpected(Broken("an exception of unknown type"));
  }
}

Error Poller::Broken(std::string_view what) {
  broken_ = true;
  return {Reason::kBadReply,
          fmt::format("internal error: {}; the next poll tries again; if it stays, restart the "
                      "agent, and report this line with the versions of agent and server",
                      what)};
}

void Poller::Publish(const Result<ReportRef>& result, std::chrono::nanoseconds duration) {
  TargetViewRef view = MakeView(result, duration_cast<std::chrono::microseconds>(duration));
  const std::lock_guard lock(outlet_mutex_);
  if (board_ == nullptr) return;
  metrics_->PollEnded(duration, result ? nullptr : &result.error(), source_->telemetry());
  board_->Publish(std::move(view));
}

TargetViewRef Poller::MakeView(const Result<ReportRef>& result,
                               std::chrono::microseconds duration) {
  if (result) {
    last_report_ = *result;
    expires_ = SteadyNow() + stale_after_;
    last_success_ = WallNow();
  } else if (SteadyNow() >= expires_) {
    last_report_ = nullptr;
  }
  TargetView view = BlankView(config_);
  view.polled = true;
  view.up = result.has_value();
  if (!result) view.error = result.error();
  view.last_success = last_success_;
  view.last_duration = duration;
  view.report = last_report_;
  view.expires = expires_;
  return std::make_shared<const TargetView>(std::move(view));
}

void Poller::LogChange(const Result<ReportRef>& result) {
  if (result) {
    if (told_ != Told::kUp) {
      log::Info("{} target {}: up ({})", config_.system(), config_.name,
                Describe((*result)->reading));
    }
    told_ = Told::kUp;
    return;
  }
  const Error& error = result.error();
  const Told state = broken_ ? Told::kBroken : Told::kDown;
  if (told_ != state || told_reason_ != error.reason) {
    log::WriteFormatted(broken_ ? LogLevel::kError : LogLevel::kWarn, "{} target {}: down: {}: {}",
                        config_.system(), config_.name, ToString(error.reason), error.message);
  }
  told_ = state;
  told_reason_ = error.reason;
}

std::unique_ptr<Poller> MakePoller(const TargetConfig& target, const Config& config,
                                   const SourceFactory& make_source, AgentMetrics& metrics,
                                   Board& board) {
  Poller::Parts parts;
  parts.source = make_source(target, config.stale_after);
  parts.analyzer = std::make_unique<Analyzer>(target.name, config.signals, config.objectives);
  parts.metrics = metrics.ForTarget(target.system(), target.name);
  parts.board = &board;
  return std::make_unique<Poller>(target, config.stale_after, std::move(parts));
}

}  // namespace streamgauge
