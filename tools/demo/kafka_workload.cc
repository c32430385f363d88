#include "kafka_workload.h"

#include <memory>
#include <utility>

#include "support/kafka_client.h"

namespace streamgauge::demo {
namespace {

using std::chrono::milliseconds;
using test::KafkaClient;
using test::KafkaMember;
using test::KafkaMemberOptions;

constexpr const char* kTopic = "payments";
constexpr int kPartitions = 3;

// A group that has never committed has no lag: all of them begin at the start of the topic.
void CommitStart(KafkaClient& client, const std::string& group) {
  std::vector<test::KafkaOffset> offsets;
  for (int partition = 0; partition < kPartitions; ++partition) {
    offsets.push_back({kTopic, partition, 0});
  }
  client.CommitOffsets(group, offsets);
}

}  // namespace

KafkaWorkload::KafkaWorkload(const std::string& bootstrap) {
  auto client = std::make_shared<KafkaClient>(bootstrap);
  client->CreateTopic(kTopic, kPartitions);
  for (const char* group : {"healthy", "slow", "stalled", "no-consumers"}) {
    CommitStart(*client, group);
  }
  const auto join = [&](KafkaMemberOptions options) {
    options.topics = {kTopic};
    members_.push_back(std::make_unique<KafkaMember>(bootstrap, std::move(options)));
  };
  join({.group = "healthy", .protocol = test::GroupProtocol::kConsumer});
  join({.group = "slow", .per_record = milliseconds(125)});
  join({.group = "stalled", .commits = false, .reads = false});
  activities_.Repeat("kafka producer", milliseconds(100), [client, partition = 0]() mutable {
    client->Produce(kTopic, partition, 2, 100);
    partition = (partition + 1) % kPartitions;
  });
}

}  // namespace streamgauge::demo
