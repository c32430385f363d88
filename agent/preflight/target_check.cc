#include "preflight/target_check.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <utility>

#include "config/redis_url.h"
#include "config/target_view.h"
#include "metrics/agent_metrics.h"
#include "metrics/exposition.h"
#include "model/board.h"
#include "model/sleep.h"
#include "signals/analyzer.h"

namespace streamgauge {
namespace {

// The first polls count and search what later ones know, and rates need three.
constexpr int kPolls = 3;
constexpr std::chrono::milliseconds kPause{50};

struct Endpoint {
  std::string operator()(const RedisTargetConfig& redis) const {
    std::string text;
    for (const RedisAddress& address : redis.addresses) {
      text += (text.empty() ? "" : ", ") + Describe(address);
      if (address.database != 0) text += "/" + std::to_string(address.database);
    }
    return text;
  }
  std::string operator()(const KafkaTargetConfig& kafka) const {
    std::string text;
    for (const std::string& broker : kafka.brokers) text += (text.empty() ? "" : ", ") + broker;
    return text;
  }
};

struct Sums {
  std::uint64_t requests = 0;
  std::uint64_t round_trips = 0;
  std::uint64_t bytes = 0;
};

Sums SumsOf(const Telemetry& telemetry) {
  Sums sums{.round_trips = telemetry.round_trips, .bytes = telemetry.received_bytes};
  for (const auto& [kind, count] : telemetry.requests) sums.requests += count;
  return sums;
}

// librdkafka tells its bytes every few seconds: a difference over one poll says nothing.
PollCost CostBetween(const Sums& before, const Sums& after, bool bytes_are_exact) {
  PollCost cost{.requests = after.requests - before.requests,
                .round_trips = after.round_trips - before.round_trips};
  if (bytes_are_exact) cost.received_bytes = after.bytes - before.bytes;
  return cost;
}

Inventory InventoryOf(const Reading& reading) {
  Inventory inventory;
  inventory.streams = ExportedStreams(reading);
  for (const StreamReading& stream : reading.streams) {
    if (stream.exported) inventory.partitions += stream.partitions.size();
  }
  inventory.groups = reading.groups.size();
  for (const GroupReading& group : reading.groups) {
    if (!group.consumer_count) continue;
    inventory.consumers = inventory.consumers.value_or(0) + *group.consumer_count;
  }
  return inventory;
}

// Puts one target's polls on a board, as the agent does, to count what would be on the page.
class Page {
 public:
  Page(const TargetConfig& target, const Config& config)
      : target_(target),
        analyzer_(target.name, config.signals, config.objectives),
        metrics_("", ""),
        target_metrics_(metrics_.ForTarget(target.system(), target.name)) {}

  void Take(Reading reading, std::chrono::microseconds wall, const Telemetry& telemetry) {
    target_metrics_->PollEnded(wall, nullptr, telemetry);
    TargetView view = BlankView(target_);
    view.polled = view.up = true;
    view.last_success = WallNow();
    view.last_duration = wall;
    view.report = analyzer_.Analyze(std::move(reading));
    board_.Publish(std::make_shared<const TargetView>(std::move(view)));
  }

  // Lines with the label `target`: the agent's own series are not the target's.
  std::uint64_t CountSeries() {
    std::uint64_t series = 0;
    std::string rest;
    Exposition(board_, metrics_).Write(ExpositionFormat::kPrometheusText, [&](auto chunk) {
      rest += chunk;
      std::size_t begin = 0;
      for (std::size_t end = rest.find('\n'); end != std::string::npos;
           end = rest.find('\n', begin)) {
        const std::string_view line = std::string_view(rest).substr(begin, end - begin);
        if (!line.starts_with('#') && line.find("target=\"") != std::string_view::npos) ++series;
        begin = end + 1;
      }
      rest.erase(0, begin);
      return true;
    });
    return series;
  }

 private:
  const TargetConfig& target_;
  Analyzer analyzer_;
  AgentMetrics metrics_;
  std::unique_ptr<TargetMetrics> target_metrics_;
  Board board_;
};

void TakeReading(const Reading& reading, TargetCheck& check) {
  check.version = reading.version;
  check.mode = reading.mode;
  check.nodes = reading.nodes;
  check.inventory = InventoryOf(reading);
  check.skipped = reading.skipped;
}

void PollSomeTimes(const TargetConfig& target, const Config& config, Source& source,
                   const std::stop_token& stop, TargetCheck& check) {
  const bool bytes_are_exact = std::holds_alternative<RedisTargetConfig>(target.backbone);
  Page page(target, config);
  for (int poll = 0; poll < kPolls; ++poll) {
    if (poll > 0) SleepUntil(std::chrono::steady_clock::now() + kPause, stop);
    const Sums before = SumsOf(source.telemetry());
    const SteadyTime started = std::chrono::steady_clock::now();
    Result<Reading> reading = source.Poll(stop);
    const auto wall = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - started);
    if (!reading) {
      check.error = std::move(reading.error());
      return;
    }
    PollCost cost = CostBetween(before, SumsOf(source.telemetry()), bytes_are_exact);
    cost.wall = wall;
    (poll == 0 ? check.first_poll : check.steady_poll) = cost;
    TakeReading(*reading, check);
    page.Take(std::move(*reading), wall, source.telemetry());
  }
  check.inventory->series = page.CountSeries();
}

}  // namespace

bool TargetCheck::Works() const {
  return !error && !access.blocked &&
         std::ranges::none_of(access.checks, [](const AccessCheck& one) {
           return one.need == Need::kTarget && one.access != Access::kWorks &&
                  one.access != Access::kUntried;
         });
}

std::size_t TargetCheck::Warnings() const {
  const auto lacking = std::ranges::count_if(access.checks, [](const AccessCheck& one) {
    return one.need == Need::kFigures && one.access != Access::kWorks &&
           one.access != Access::kUntried;
  });
  const bool nothing_found = inventory && inventory->streams == 0;
  return static_cast<std::size_t>(lacking) + (nothing_found ? 1 : 0);
}

TargetCheck BlankCheck(const TargetConfig& target) {
  TargetCheck check;
  check.system = target.system();
  check.name = target.name;
  check.address = std::visit(Endpoint(), target.backbone);
  return check;
}

TargetCheck CheckTarget(const TargetConfig& target, const Config& config, Source& source,
                        const std::stop_token& stop) {
  TargetCheck check = BlankCheck(target);
  auto access = source.TryAccess(stop);
  if (!access) {
    check.error = std::move(access.error());
    return check;
  }
  check.access = std::move(*access);
  if (!check.access.blocked) PollSomeTimes(target, config, source, stop, check);
  return check;
}

}  // namespace streamgauge
