// The agent against one Kafka broker with many groups that have committed to 20 partitions each:
// 500 groups (10,000 pairs of group and partition) and 5,000 groups (100,000 pairs), over 100
// topics of 10 partitions. By the commit feed, at rest, without the partitions' series and while
// groups commit, and by asking for every group; at last the longest poll of the latter with twice
// the groups. Takes about five minutes.
//
//   kafka_poll_bench [GROUPS]     a tenth of the groups to begin with, then all of them

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cost.h"
#include "support/kafka_broker.h"

namespace streamgauge::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::KafkaClient;
using test::KafkaOffset;

constexpr int kTopics = 100;
constexpr int kPartitions = 10;
constexpr int kTopicsOfGroup = 2;
constexpr int kRecords = 10;
constexpr int kTimes = 10;
constexpr int kLongPolls = 5;

using CommitsByGroup = std::map<std::string, std::vector<KafkaOffset>>;

std::string Topic(int number) { return fmt::format("topic-{:03}", number % kTopics); }

void MakeTopics(KafkaClient& client) {
  for (int topic = 0; topic < kTopics; ++topic) {
    client.CreateTopic(Topic(topic), kPartitions);
    for (int partition = 0; partition < kPartitions; ++partition) {
      client.Produce(Topic(topic), partition, kRecords);
    }
  }
}

// Every group of [first, last) commits on all of its partitions.
CommitsByGroup Commits(int first, int last, int offset) {
  CommitsByGroup commits;
  for (int group = first; group < last; ++group) {
    auto& offsets = commits[fmt::format("group-{:05}", group)];
    for (int topic = 0; topic < kTopicsOfGroup; ++topic) {
      for (int partition = 0; partition < kPartitions; ++partition) {
        offsets.push_back({Topic(group * kTopicsOfGroup + topic), partition, offset});
      }
    }
  }
  return commits;
}

// A twentieth of the groups commits twice a second, each in its turn.
void CommitOn(const std::stop_token& stop, const test::KafkaBroker& kafka, int groups) {
  KafkaClient client = kafka.Connect();
  const int some = groups / 20;
  for (int round = 0; !stop.stop_requested(); ++round) {
    const int first = round * some % groups;
    client.CommitOffsets(Commits(first, first + some, round % kRecords));
    std::this_thread::sleep_for(milliseconds(500));
  }
}

class Bench {
 public:
  explicit Bench(int groups) : all_(groups) {}

  void Run() {
    MakeTopics(client_);
    fmt::print("{}", MachineFacts());
    fmt::print("Kafka 4.3.1, one broker, {} topics of {} partitions, polled every {} s\n\n",
               kTopics, kPartitions, schedule_.poll_interval.count());
    PrintCostHead();
    MakeGroups(all_ / kTimes);
    const Cost fed_few = Measure("feed");
    const Cost asked_few = Measure("admin");
    MakeGroups(all_);
    const Cost fed = Measure("feed", "detail: partition", Gzip::kYes);
    Measure("feed", "detail: group");
    const Cost committing = MeasureCommits();
    const Cost asked = Measure("admin");
    fmt::print("\n{} times the groups\n", kTimes);
    PrintRatio("feed", fed_few, fed);
    PrintRatio("admin", asked_few, asked);
    PrintPerCommit(fed, committing);
    MakeGroups(2 * all_);
    PrintLongestPoll(Condition("admin"), Target("admin"), kLongPolls);
  }

 private:
  void MakeGroups(int count) {
    client_.CommitOffsets(Commits(groups_, count, kRecords / 2));
    groups_ = count;
  }
  std::string Condition(std::string_view mode) const {
    return fmt::format("{}, {} groups", mode, groups_);
  }
  std::string Target(std::string_view mode, std::string_view more = "detail: partition") const {
    return fmt::format("type: kafka, brokers: [\"{}\"], max_groups: 1000000, offsets: {}, {}",
                       kafka_.bootstrap(), mode, more);
  }
  Cost Measure(std::string_view mode, std::string_view more = "detail: partition",
               Gzip gzip = Gzip::kNo) const {
    fmt::print("\n{}, {}\n", Condition(mode), more);
    return PrintAgentCost(std::string(mode), Target(mode, more), kafka_.pid(), schedule_, gzip);
  }
  Cost MeasureCommits() const {
    fmt::print("\n{}, some of which commit\n", Condition("feed"));
    const std::jthread commits(
        [&](const std::stop_token& stop) { CommitOn(stop, kafka_, groups_); });
    return PrintAgentCost("commits", Target("feed"), kafka_.pid(), schedule_, Gzip::kNo);
  }
  static void PrintPerCommit(const Cost& at_rest, const Cost& committing) {
    const double more = committing.agent_cpu_ms - at_rest.agent_cpu_ms;
    fmt::print("{:.0f} commits in a poll cost the agent {:.1f} ms: {:.1f} ms for 10,000\n",
               committing.commits, more, more * 10'000 / committing.commits);
  }

  const int all_;
  // Long enough for 5,000 groups one by one.
  const Schedule schedule_{
      .poll_interval = seconds(2), .warm_up_polls = 4, .polls = 5, .idle = seconds(2)};
  // With the optimizing compiler, as in earnest.
  test::KafkaBroker kafka_{{.properties = {},
                            .heap_mib = 512,
                            .java_options = {"-XX:+UseSerialGC"},
                            .offsets_partitions = 16}};
  KafkaClient client_ = kafka_.Connect();
  int groups_ = 0;
};

}  // namespace
}  // namespace streamgauge::bench

int main(int argc, char** argv) {
  const int groups = argc > 1 ? std::atoi(argv[1]) : 5000;
  try {
    streamgauge::bench::Bench(groups).Run();
    return EXIT_SUCCESS;
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return EXIT_FAILURE;
  }
}
