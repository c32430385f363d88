// What the analysis of one poll costs, and what the history weighs: 10,000 groups on streams of 10
// partitions are 100,000 group-partitions.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <ctime>
#include <string>

#include "signals/analyzer.h"
#include "signals/words.h"

namespace streamgauge {
namespace {

constexpr std::uint32_t kGroupsOfStream = 100;
constexpr std::int32_t kPartitions = 10;
constexpr int kPollsToFillTheWindow = 40;

StreamReading MakeStream(NameTable& names, std::uint32_t number) {
  StreamReading stream;
  stream.name = names.Intern("topic-" + std::to_string(number));
  stream.appended_total = 0;
  stream.retention_seconds = 7 * 86'400;
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    stream.partitions.push_back(
        {.partition = p, .start_offset = 0, .end_offset = 1'000'000, .stable_offset = 1'000'000});
  }
  return stream;
}

GroupReading MakeGroup(NameTable& names, std::uint32_t stream, std::uint32_t number) {
  GroupReading group;
  group.stream = stream;
  group.name = names.Intern("group-" + std::to_string(number));
  group.lag_source = LagSource::kExact;
  group.lag = 1'000;
  group.lag_seconds = 3;
  group.delivered_total = group.acknowledged_total = 0;
  group.position = Position{.major = 9'000'000};
  group.members = 3;
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    group.partitions.push_back(
        {.partition = p, .committed_offset = 900'000, .lag = 100, .lag_seconds = 3});
  }
  return group;
}

class Target {
 public:
  explicit Target(std::uint32_t groups) {
    reading_.time = FromUnixMillis(1'700'000'000'000);
    for (std::uint32_t i = 0; i < groups; ++i) {
      const std::uint32_t stream = i / kGroupsOfStream;
      if (i % kGroupsOfStream == 0) reading_.streams.push_back(MakeStream(stream_names_, stream));
      reading_.groups.push_back(MakeGroup(group_names_, stream, i));
    }
  }

  // The next poll's: half of the groups have moved, a tenth of all falls behind.
  Reading Next() {
    reading_.time += std::chrono::seconds(10);
    for (StreamReading& stream : reading_.streams) {
      *stream.appended_total += 1'000;
      for (PartitionReading& partition : stream.partitions) {
        *partition.start_offset += 90;
        *partition.end_offset += 100;
      }
    }
    for (std::size_t i = 0; i < reading_.groups.size(); i += 2) Move(reading_.groups[i], i % 10);
    return reading_;
  }

  // The same with a twentieth of the groups gone and as many new ones in their places.
  Reading NextWithOthers() {
    for (std::size_t i = replaced_++ % 20; i < reading_.groups.size(); i += 20) {
      GroupReading& group = reading_.groups[i];
      group = MakeGroup(group_names_, group.stream, next_number_++);
    }
    if (replaced_ % 6 == 0) group_names_.Sweep();  // once a minute
    return Next();
  }

 private:
  static void Move(GroupReading& group, std::size_t kind) {
    *group.delivered_total += 1'000;
    group.acknowledged_total = group.delivered_total;
    group.position->major += 1'000;
    for (GroupPartitionReading& partition : group.partitions) *partition.committed_offset += 100;
    if (kind != 0) return;
    *group.lag += 50;
    *group.lag_seconds += 2;
  }

  NameTable stream_names_{NameKind::kStream};
  NameTable group_names_{NameKind::kGroup};
  Reading reading_;
  std::uint32_t next_number_ = 1'000'000;
  std::uint32_t replaced_ = 0;
};

double ThreadCpuSeconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// mallinfo2 counts what is in use, whatever the allocator has kept back.
double AllocatedBytes() {
  const struct mallinfo2 usage = mallinfo2();
  return static_cast<double>(usage.uordblks + usage.hblkhd);
}

void BM_AnalyzeOnePoll(benchmark::State& state) {
  const auto groups = static_cast<std::uint32_t>(state.range(0));
  Target target(groups);
  const double before = AllocatedBytes();
  Analyzer analyzer("bench", SignalsConfig{}, {});
  for (int i = 0; i < kPollsToFillTheWindow; ++i) analyzer.Analyze(target.Next());
  const double history = AllocatedBytes() - before;
  for (auto _ : state) {
    Reading reading = target.Next();
    const double start = ThreadCpuSeconds();
    benchmark::DoNotOptimize(analyzer.Analyze(std::move(reading)));
    state.SetIterationTime(ThreadCpuSeconds() - start);
  }
  state.counters["bytes_per_group"] = history / groups;
  state.counters["history_MiB"] = history / (1024 * 1024);
}
BENCHMARK(BM_AnalyzeOnePoll)
    ->Arg(1'000)
    ->Arg(10'000)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// As above with groups that come and go: the time grows with their number (up to a thousand they
// fit into the processor's cache, which is a step of its own).
void BM_AnalyzeWithChurn(benchmark::State& state) {
  Target target(static_cast<std::uint32_t>(state.range(0)));
  Analyzer analyzer("bench", SignalsConfig{}, {});
  for (int i = 0; i < kPollsToFillTheWindow; ++i) analyzer.Analyze(target.NextWithOthers());
  for (auto _ : state) {
    Reading reading = target.NextWithOthers();
    const double start = ThreadCpuSeconds();
    benchmark::DoNotOptimize(analyzer.Analyze(std::move(reading)));
    state.SetIterationTime(ThreadCpuSeconds() - start);
  }
}
BENCHMARK(BM_AnalyzeWithChurn)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(40'000)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

void BM_ReasonInWords(benchmark::State& state) {
  Target target(100);
  Analyzer analyzer("bench", SignalsConfig{}, {});
  ReportRef report;
  for (int i = 0; i < kPollsToFillTheWindow; ++i) report = analyzer.Analyze(target.Next());
  std::size_t index = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(ReasonInWords(*report, index++ % report->groups.size()));
  }
}
BENCHMARK(BM_ReasonInWords);

}  // namespace
}  // namespace streamgauge

BENCHMARK_MAIN();
