// How long it takes to write the page: by number of groups, plain and compressed.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>

#include "metrics/exposition.h"

namespace streamgauge {
namespace {

GroupReading MakeGroup(NameTable& names, std::uint32_t stream, std::uint64_t number) {
  GroupReading group;
  group.stream = stream;
  group.name = names.Intern("group-" + std::to_string(number % 50));
  group.lag_source = LagSource::kExact;
  group.lag = number * 7;
  group.lag_seconds = static_cast<double>(number) / 3;
  group.pending = number;
  group.oldest_pending_seconds = static_cast<double>(number) / 7;
  group.oldest_pending_idle_seconds = 1.25;
  group.max_deliveries = 1;
  group.pending_trimmed = 0;
  group.headroom_messages = number;
  group.delivered_total = number * 1000;
  group.acknowledged_total = number * 999;
  group.lost_total = 0;
  return group;
}

GroupSignals MakeSignals(std::uint64_t number) {
  GroupSignals signals;
  signals.backlog = number * 8;
  signals.drain_seconds = static_cast<double>(number) / 11;
  signals.consumers = ConsumerStates{.active = 3, .idle = 1};
  return signals;
}

// A Redis target with `groups` groups, ten on each stream.
TargetViewRef MakeView(std::int64_t groups) {
  constexpr std::int64_t kGroupsOfStream = 10;
  NameTable stream_names(NameKind::kStream);
  NameTable group_names(NameKind::kGroup);
  auto report = std::make_shared<Report>();
  report->reading.time = WallNow();
  report->reading.version = "7.2.0";
  report->reading.mode = "standalone";
  for (std::int64_t i = 0; i < groups; ++i) {
    if (i % kGroupsOfStream == 0) {
      StreamReading stream;
      stream.name = stream_names.Intern("orders:" + std::to_string(i / kGroupsOfStream));
      stream.length = 1000;
      stream.appended_total = 5000;
      report->reading.streams.push_back(std::move(stream));
      report->streams.emplace_back();
    }
    const auto stream = static_cast<std::uint32_t>(report->reading.streams.size() - 1);
    const auto number = static_cast<std::uint64_t>(i);
    report->reading.groups.push_back(MakeGroup(group_names, stream, number));
    report->groups.push_back(MakeSignals(number));
  }
  auto view = std::make_shared<TargetView>();
  view->system = "redis";
  view->name = "bench";
  view->polled = true;
  view->up = true;
  view->report = std::move(report);
  return view;
}

void BM_WritePage(benchmark::State& state) {
  Board board;
  board.Publish(MakeView(state.range(0)));
  AgentMetrics agent_metrics("0", "bench");
  Exposition exposition(board, agent_metrics);
  std::int64_t bytes = 0;
  std::int64_t lines = 0;
  const auto write = [&](const Exposition::Sink& sink) {
    exposition.Write(ExpositionFormat::kPrometheusText, sink);
  };
  for (auto _ : state) {
    write([&](std::string_view chunk) {
      bytes += static_cast<std::int64_t>(chunk.size());
      return true;
    });
  }
  write([&](std::string_view chunk) {
    lines += std::count(chunk.begin(), chunk.end(), '\n');
    return true;
  });
  state.SetBytesProcessed(bytes);
  state.SetItemsProcessed(lines * static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(BM_WritePage)->Arg(100)->Arg(2'000)->Arg(20'000)->Unit(benchmark::kMillisecond);

// As after every poll: what is compressed is made once per version of the board.
void BM_CompressPage(benchmark::State& state) {
  Board board;
  const TargetViewRef view = MakeView(state.range(0));
  AgentMetrics agent_metrics("0", "bench");
  Exposition exposition(board, agent_metrics);
  std::size_t bytes = 0;
  for (auto _ : state) {
    board.Publish(view);
    bytes = exposition.Gzip(ExpositionFormat::kPrometheusText).targets->size();
  }
  state.counters["KiB"] = static_cast<double>(bytes) / 1024;
}
BENCHMARK(BM_CompressPage)->Arg(2'000)->Arg(20'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace streamgauge

BENCHMARK_MAIN();
