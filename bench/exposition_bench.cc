// What a scrape costs: 5,000 Kafka groups of 20 partitions each on 100 topics, about 450,000
// series.
//
//   build/exposition_bench
//
// `per_series` is CPU time; `rss_MiB` is what the process had at its largest until then.

#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/server.h"
#include "metrics/exposition.h"
#include "support/loopback.h"
#include "support/sample_board.h"

namespace streamgauge {
namespace {

constexpr int kTopics = 100;
constexpr int kPartitionsPerTopic = 10;
constexpr int kGroups = 5'000;

// Each group reads two topics: 10,000 readings of a group on a topic, 100,000 partitions of them.
Report LargeReport() {
  Report report = test::SampleKafkaReport();
  const GroupReading group = report.reading.groups[0];
  const GroupSignals signals = report.groups[0];
  report.reading.streams.clear();
  report.reading.groups.clear();
  report.groups.clear();
  for (int t = 0; t < kTopics; ++t) {
    StreamReading topic;
    topic.name = test::StreamName("orders.shipping-events." + std::to_string(t));
    topic.length = 1'000'000 + t;
    topic.partition_count = kPartitionsPerTopic;
    for (int p = 0; p < kPartitionsPerTopic; ++p) {
      topic.partitions.push_back({p, 1'000 + p, 1'000'000 + p, 1'000'000 + p, 1, 3, 3});
    }
    report.reading.streams.push_back(std::move(topic));
    const int groups = 2 * kGroups / kTopics;
    for (int g = 0; g < groups; ++g) {
      GroupReading reading = group;
      reading.stream = static_cast<std::uint32_t>(t);
      reading.name = test::GroupName("billing-service-" + std::to_string((t / 2) * groups + g));
      reading.partitions.clear();
      for (int p = 0; p < kPartitionsPerTopic; ++p) {
        reading.partitions.push_back({p, 900'000 + g, 100 * g + p, 12.345 + g});
      }
      report.reading.groups.push_back(std::move(reading));
      report.groups.push_back(signals);
    }
  }
  return report;
}

struct Agent {
  Board board;
  AgentMetrics metrics{"bench", "bench"};
  Exposition exposition{board, metrics};

  explicit Agent(bool partition_detail = true) {
    auto view = test::SampleTarget("kafka", "events", LargeReport());
    view->partition_detail = partition_detail;
    board.Publish(view);
  }
};

double MaxRssMiB() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

struct Size {
  std::uint64_t series = 0;
  std::uint64_t bytes = 0;
};
Size Measure(Exposition& exposition) {
  Size size;
  exposition.Write(ExpositionFormat::kPrometheusText, [&size](std::string_view chunk) {
    size.bytes += chunk.size();
    size.series += static_cast<std::uint64_t>(std::ranges::count(chunk, '\n'));
    return true;
  });
  return size;
}

void Report(benchmark::State& state, const Size& size) {
  state.counters["series"] = static_cast<double>(size.series);
  state.counters["MB"] = static_cast<double>(size.bytes) / 1e6;
  state.counters["rss_MiB"] = MaxRssMiB();
  state.counters["per_series"] = benchmark::Counter(
      static_cast<double>(size.series),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_WriteText(benchmark::State& state) {
  Agent agent(state.range(0) != 0);
  const Size size = Measure(agent.exposition);
  for (auto _ : state) {
    agent.exposition.Write(ExpositionFormat::kPrometheusText, [](std::string_view chunk) {
      benchmark::DoNotOptimize(chunk.data());
      return true;
    });
  }
  Report(state, size);
}
BENCHMARK(BM_WriteText)->ArgName("partitions")->Arg(1)->Arg(0)->Unit(benchmark::kMillisecond);

// Once for each board version, whoever asks and however often.
void BM_Gzip(benchmark::State& state) {
  Agent agent;
  const Size size = Measure(agent.exposition);
  const TargetViewRef view = agent.board.View().targets[0];
  std::size_t compressed = 0;
  for (auto _ : state) {
    agent.board.Publish(view);
    compressed = agent.exposition.Gzip(ExpositionFormat::kPrometheusText).targets->size();
  }
  Report(state, size);
  state.counters["gzip_MB"] = static_cast<double>(compressed) / 1e6;
}
BENCHMARK(BM_Gzip)->Unit(benchmark::kMillisecond);

void BM_GzipAgain(benchmark::State& state) {
  Agent agent;
  for (auto _ : state) {
    benchmark::DoNotOptimize(agent.exposition.Gzip(ExpositionFormat::kPrometheusText));
  }
}
BENCHMARK(BM_GzipAgain)->Unit(benchmark::kMicrosecond);

// Reads a page and throws it away. Returns its size with headers and all.
std::size_t ScrapeAndDiscard(std::uint16_t port) {
  constexpr std::string_view kRequest =
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const int descriptor = test::ConnectLoopback(port, std::chrono::seconds(10));
  if (descriptor < 0) return 0;
  std::size_t size = 0;
  if (send(descriptor, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) ==
      static_cast<ssize_t>(kRequest.size())) {
    static char discarded[1 << 18];
    for (ssize_t got; (got = recv(descriptor, discarded, sizeof(discarded), 0)) > 0;) {
      size += static_cast<std::size_t>(got);
    }
  }
  close(descriptor);
  return size;
}

// Wall time of a whole scrape from loopback.
void BM_Scrape(benchmark::State& state) {
  Agent agent(state.range(0) != 0);
  HttpServer server({.host = "127.0.0.1", .port = 0},
                    {&agent.board, &agent.exposition, nullptr, "bench"});
  if (!server.Start()) return state.SkipWithError("the server does not start");
  for (auto _ : state) {
    if (ScrapeAndDiscard(server.port()) < 1'000'000) return state.SkipWithError("scrape failed");
  }
}
BENCHMARK(BM_Scrape)
    ->ArgName("partitions")
    ->Arg(1)
    ->Arg(0)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace streamgauge

BENCHMARK_MAIN();
