#include "kafka/feed_consumer.h"

#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "kafka/rd_error.h"

namespace streamgauge::kafka {
namespace {

constexpr std::size_t kBatch = 1000;

// A commit is some hundred bytes. What librdkafka has read and nobody has taken yet is bounded to a
// few megabytes; the rest waits at the broker.
std::map<std::string, std::string> FeedProperties() {
  return {
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      // Going on elsewhere in silence would leave out commits.
      {"auto.offset.reset", "error"},
      // Of a transaction that was aborted nothing is committed.
      {"isolation.level", "read_committed"},
      {"enable.partition.eof", "true"},
      {"fetch.min.bytes", "1"},
      // It is known that there is something, unless a transaction is open.
      {"fetch.wait.max.ms", "100"},
      {"socket.timeout.ms", "30000"},
      {"fetch.message.max.bytes", "1048576"},
      {"fetch.max.bytes", "8388608"},
      {"receive.message.max.bytes", "100000000"},
      {"queued.min.messages", "20000"},
      {"queued.max.messages.kbytes", "4096"},
      {"fetch.queue.backoff.ms", "10"},
      {"client.rack", ""},  // a follower may be behind
  };
}

RdPartitions PartitionList(std::span<const std::int32_t> partitions) {
  RdPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const std::int32_t partition : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), kOffsetsTopic, partition);
  }
  return list;
}

std::optional<std::string_view> TextOf(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(bytes), size);
}

}  // namespace

Result<std::unique_ptr<FeedConsumer>> FeedConsumer::Make(const std::string& target,
                                                         const KafkaTargetConfig& config,
                                                         WarnedKinds& warned) {
  auto client = Client::Make(target, config, warned, FeedProperties());
  if (!client) return std::unexpected(std::move(client.error()));
  return std::unique_ptr<FeedConsumer>(new FeedConsumer(std::move(*client)));
}

FeedConsumer::FeedConsumer(std::unique_ptr<Client> client)
    : client_(std::move(client)), queue_(rd_kafka_queue_get_consumer(client_->handle())) {}

void FeedConsumer::Begin(std::span<const FeedPlace> places) {
  End();
  if (places.empty()) return;
  const RdPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const FeedPlace& place : places) {
    rd_kafka_topic_partition_list_add(list.get(), kOffsetsTopic, place.partition)->offset =
        place.offset;
    assigned_.push_back(place.partition);
  }
  // What cannot be begun is not read up to its end, which is noticed.
  RdError(rd_kafka_incremental_assign(client_->handle(), list.get()));
}

void FeedConsumer::End() {
  if (assigned_.empty()) return;
  const RdPartitions list = PartitionList(assigned_);
  RdError(rd_kafka_incremental_unassign(client_->handle(), list.get()));
  assigned_.clear();
}

bool FeedConsumer::Take(Duration wait, CommitFeed& feed) {
  while (RdEvent event{rd_kafka_queue_poll(client_->queue(), 0)}) client_->TakeEvent(event.get());
  std::array<rd_kafka_message_t*, kBatch> batch{};
  auto count = rd_kafka_consume_batch_queue(queue_.get(), 0, batch.data(), batch.size());
  // With more room it would wait until all of it is taken.
  if (count <= 0 && wait.count() > 0) {
    count =
        rd_kafka_consume_batch_queue(queue_.get(), static_cast<int>(wait.count()), batch.data(), 1);
  }
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const RdMessage message(batch[static_cast<std::size_t>(i)]);
    TakeMessage(*message, feed);
  }
  return count > 0;
}

void FeedConsumer::TellPositions(std::span<const std::int32_t> partitions, CommitFeed& feed) {
  const RdPartitions list = PartitionList(partitions);
  if (rd_kafka_position(client_->handle(), list.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = list->elems[i];
    if (one.err == RD_KAFKA_RESP_ERR_NO_ERROR && one.offset >= 0) {
      feed.TakePosition(one.partition, one.offset);
    }
  }
}

void FeedConsumer::TakeMessage(const rd_kafka_message_t& message, CommitFeed& feed) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    return feed.TakePosition(message.partition, message.offset);
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return TakeError(message, feed);
  refusal_.reset();
  feed.TakeRecord({message.partition, message.offset, TextOf(message.key, message.key_len),
                   TextOf(message.payload, message.len)});
}

void FeedConsumer::TakeError(const rd_kafka_message_t& message, CommitFeed& feed) {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__LOG_TRUNCATION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return feed.TakeLost(message.partition);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      refusal_ = ErrorOf(message.err, std::string("reading ") + kOffsetsTopic,
                         rd_kafka_message_errstr(&message));
      return;
    default:
      return;  // it passes, or the partition is not read up to its end
  }
}

}  // namespace streamgauge::kafka
