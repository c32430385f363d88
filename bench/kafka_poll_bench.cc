// The agent against one Kafka broker with many groups that have committed to 20 partitions each:
// 500 groups (10,000 pairs of group and partition) and 5,000 groups (100,000 pairs), over 100
// topics of 10 partitions.
//
//   kafka_poll_bench [GROUPS]...

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "cost.h"
#include "support/kafka_broker.h"

namespace streamgauge::bench {
namespace {

using std::chrono::seconds;
using test::KafkaClient;
using test::KafkaOffset;

constexpr int kTopics = 100;
constexpr int kPartitions = 10;
constexpr int kTopicsOfGroup = 2;
constexpr int kRecords = 10;

std::string Topic(int number) { return fmt::format("topic-{:03}", number % kTopics); }

void MakeTopics(KafkaClient& client) {
  for (int topic = 0; topic < kTopics; ++topic) {
    client.CreateTopic(Topic(topic), kPartitions);
    for (int partition = 0; partition < kPartitions; ++partition) {
      client.Produce(Topic(topic), partition, kRecords);
    }
  }
}

void MakeGroups(KafkaClient& client, int first, int last) {
  std::map<std::string, std::vector<KafkaOffset>> commits;
  for (int group = first; group < last; ++group) {
    auto& offsets = commits[fmt::format("group-{:05}", group)];
    for (int topic = 0; topic < kTopicsOfGroup; ++topic) {
      for (int partition = 0; partition < kPartitions; ++partition) {
        offsets.push_back({Topic(group * kTopicsOfGroup + topic), partition, group % kRecords});
      }
    }
  }
  client.CommitOffsets(commits);
}

void Run(const std::vector<int>& group_counts) {
  // With the optimizing compiler, as in earnest.
  test::KafkaBroker kafka({.properties = {},
                           .heap_mib = 512,
                           .java_options = {"-XX:+UseSerialGC"},
                           .offsets_partitions = 16});
  KafkaClient client = kafka.Connect();
  MakeTopics(client);
  fmt::print("{}", MachineFacts());
  fmt::print("Kafka 4.3.1, one broker, {} topics of {} partitions\n\n", kTopics, kPartitions);
  const Schedule schedule{.poll_interval = seconds(5), .warm_up_polls = 8, .polls = 10};
  const std::string target =
      fmt::format("type: kafka, brokers: [\"{}\"], max_groups: 1000000", kafka.bootstrap());
  PrintCostHead();
  int made = 0;
  for (const int groups : group_counts) {
    MakeGroups(client, made, groups);
    made = groups;
    PrintAgentCost(fmt::format("{} groups", groups), target, kafka.pid(), schedule);
  }
}

}  // namespace
}  // namespace streamgauge::bench

int main(int argc, char** argv) {
  std::vector<int> group_counts;
  for (int i = 1; i < argc; ++i) group_counts.push_back(std::atoi(argv[i]));
  if (group_counts.empty()) group_counts = {500, 5000};
  try {
    streamgauge::bench::Run(group_counts);
    return EXIT_SUCCESS;
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return EXIT_FAILURE;
  }
}
