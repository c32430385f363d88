// What the bytes of the servers cost to be read: the snapshot of one Redis stream (the EXEC of
// XINFO STREAM and XINFO GROUPS), one consumer list, and one commit of Kafka's offsets topic.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "kafka/offsets_bytes.h"
#include "kafka/offsets_record.h"
#include "redis/parse.h"
#include "redis/reply_reader.h"

namespace streamgauge {
namespace {

std::string Text(std::string_view text) { return fmt::format("${}\r\n{}\r\n", text.size(), text); }
std::string Number(long long number) { return fmt::format(":{}\r\n", number); }
std::string Entry(int payload_bytes) {
  return "*2\r\n" + Text("1700000000000-0") + "*2\r\n" + Text("payload") +
         Text(std::string(static_cast<std::size_t>(payload_bytes), 'x'));
}

// As Redis 7.2 answers.
std::string StreamReply(int payload_bytes) {
  return "*20\r\n" + Text("length") + Number(1000) + Text("radix-tree-keys") + Number(10) +
         Text("radix-tree-nodes") + Number(20) + Text("last-generated-id") +
         Text("1700000009000-0") + Text("max-deleted-entry-id") + Text("0-0") +
         Text("entries-added") + Number(1000) + Text("recorded-first-entry-id") +
         Text("1700000000000-0") + Text("groups") + Number(2) + Text("first-entry") +
         Entry(payload_bytes) + Text("last-entry") + Entry(payload_bytes);
}
std::string GroupReply(int number) {
  return "*12\r\n" + Text("name") + Text(fmt::format("group-{}", number)) + Text("consumers") +
         Number(5) + Text("pending") + Number(17) + Text("last-delivered-id") +
         Text("1700000005000-0") + Text("entries-read") + Number(500) + Text("lag") + Number(500);
}
std::string SnapshotReply(int groups, int payload_bytes) {
  std::string reply = "*2\r\n" + StreamReply(payload_bytes) + fmt::format("*{}\r\n", groups);
  for (int group = 0; group < groups; ++group) reply += GroupReply(group);
  return reply;
}
std::string ConsumersReply(int consumers) {
  std::string reply = fmt::format("*{}\r\n", consumers);
  for (int consumer = 0; consumer < consumers; ++consumer) {
    reply += "*8\r\n" + Text("name") + Text(fmt::format("consumer-{}", consumer)) +
             Text("pending") + Number(3) + Text("idle") + Number(1234) + Text("inactive") +
             Number(-1);
  }
  return reply;
}

Reply Read(ReplyReader& reader, const std::string& bytes, std::size_t keep_depth) {
  const bool fed = reader.Feed(bytes).has_value();
  const auto reply = reader.Next(keep_depth);
  if (!fed || !reply || !*reply) std::abort();
  return **reply;
}

constexpr std::size_t kMaxReply = 1 << 24;

// Arguments: groups, bytes of a payload. Payloads are passed over.
void BM_ReadSnapshot(benchmark::State& state) {
  const std::string bytes =
      SnapshotReply(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  ReplyReader reader(kMaxReply);
  for (auto _ : state) {
    const Reply exec = Read(reader, bytes, kExecDepth);
    const auto stream = ParseStream(*exec.At(0));
    const auto groups = ParseGroups(*exec.At(1));
    if (!stream || !groups) std::abort();
    benchmark::DoNotOptimize(*stream);
    benchmark::DoNotOptimize(*groups);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK(BM_ReadSnapshot)->Args({2, 100})->Args({20, 100})->Args({2, 100'000});

void BM_ReadConsumers(benchmark::State& state) {
  const std::string bytes = ConsumersReply(static_cast<int>(state.range(0)));
  ReplyReader reader(kMaxReply);
  for (auto _ : state) {
    const auto consumers = ParseConsumers(Read(reader, bytes, kStreamDepth));
    if (!consumers) std::abort();
    benchmark::DoNotOptimize(*consumers);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_ReadConsumers)->Arg(5)->Arg(100);

void BM_DecodeCommit(benchmark::State& state) {
  const std::string key = kafka::CommitKey("a-group-of-consumers", "orders", 7);
  const std::string value = kafka::CommitBytes(3, 1'000'000, 1'700'000'000'000);
  for (auto _ : state) {
    benchmark::DoNotOptimize(kafka::DecodeOffsetsKey(key));
    benchmark::DoNotOptimize(kafka::DecodeCommitValue(value));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_DecodeCommit);

}  // namespace
}  // namespace streamgauge

BENCHMARK_MAIN();
