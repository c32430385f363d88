#include "preflight/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "preflight/check_text.h"
#include "preflight/target_check.h"

namespace streamgauge {
namespace {

// How long a source may take to notice that it shall stop.
constexpr Duration kGrace{2000};

// What the threads share with whoever waits for them, and with those who do not any more.
struct Round {
  Round(const Config& configuration, SourceFactory factory)
      : config(configuration), make_source(std::move(factory)), checks(config.targets.size()) {}

  const Config config;
  const SourceFactory make_source;
  std::stop_source stop;
  std::mutex mutex;
  std::condition_variable ended;
  std::vector<std::optional<TargetCheck>> checks;  // of those that have ended
  std::size_t running = 0;                         // threads

  bool WaitFor(Duration patience) {
    std::unique_lock lock(mutex);
    return ended.wait_for(lock, patience, [this] { return running == 0; });
  }
};

TargetCheck Broken(const TargetConfig& target, const char* what) {
  TargetCheck check = BlankCheck(target);
  check.error = Error{Reason::kBadReply, fmt::format("internal error: {}", what)};
  return check;
}

TargetCheck CheckOne(const Round& round, const TargetConfig& target) {
  try {
    const auto source = round.make_source(target, round.config.stale_after);
    return CheckTarget(target, round.config, *source, round.stop.get_token());
  } catch (const std::exception& error) {
    return Broken(target, error.what());
  }
}

// A thread for each target.
std::vector<std::thread> Start(const std::shared_ptr<Round>& round) {
  std::vector<std::thread> threads;
  round->running = round->config.targets.size();
  for (std::size_t i = 0; i < round->config.targets.size(); ++i) {
    threads.emplace_back([round, i] {
      TargetCheck check = CheckOne(*round, round->config.targets[i]);
      const std::lock_guard lock(round->mutex);
      round->checks[i] = std::move(check);
      --round->running;
      round->ended.notify_all();
    });
  }
  return threads;
}

// Those that have a result are at their end: they are waited for, as what libraries keep for a
// thread goes with it, which must not meet the end of the process. The others are left behind.
void Part(Round& round, std::vector<std::thread>& threads) {
  for (std::size_t i = 0; i < threads.size(); ++i) {
    std::unique_lock lock(round.mutex);
    const bool ended = round.checks[i].has_value();
    lock.unlock();
    ended ? threads[i].join() : threads[i].detach();
  }
}

TargetCheck Unended(const TargetConfig& target, Duration deadline) {
  TargetCheck check = BlankCheck(target);
  check.error =
      Error{Reason::kTimeout, fmt::format("not done within {} s", deadline.count() / 1000)};
  return check;
}

}  // namespace

Duration CheckDeadline(const Config& config) {
  Duration longest{};
  for (const TargetConfig& target : config.targets) {
    longest = std::max(longest, 6 * target.timeout + 3 * target.poll_interval);
  }
  return longest;
}

CheckOutcome RunCheck(const Config& config, const SourceFactory& make_source, Duration deadline,
                      std::ostream& out) {
  const auto round = std::make_shared<Round>(config, make_source);
  std::vector<std::thread> threads = Start(round);
  if (!round->WaitFor(deadline)) {
    round->stop.request_stop();
    round->WaitFor(kGrace);
  }
  Part(*round, threads);
  const std::lock_guard lock(round->mutex);
  std::vector<TargetCheck> checks;
  checks.reserve(round->checks.size());
  for (std::size_t i = 0; i < round->checks.size(); ++i) {
    checks.push_back(round->checks[i].value_or(Unended(config.targets[i], deadline)));
  }
  for (const TargetCheck& check : checks) out << TextOf(check) << "\n";
  out << SummaryOf(checks);
  out.flush();
  return {.all_work = out.good() && std::ranges::all_of(checks, &TargetCheck::Works),
          .threads_left = round->running > 0};
}

}  // namespace streamgauge
