// Reads __consumer_offsets from given places on, with a librdkafka handle of its own: no group is
// joined and nothing is committed. Between two polls it reads nothing: with an open request every
// single commit would be sent at once, in an answer of its own. Owned by the source and used by its
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "kafka/client.h"
#include "kafka/commit_feed.h"
#include "model/error.h"
#include "model/time.h"

namespace streamgauge::kafka {

inline constexpr const char* kOffsetsTopic = "__consumer_offsets";

class FeedConsumer {
 public:
  // As Client::Make.
  static Result<std::unique_ptr<FeedConsumer>> Make(const std::string& target,
                                                    const KafkaTargetConfig& config,
                                                    WarnedKinds& warned);

  // Reads these partitions from there on.
  void Begin(std::span<const FeedPlace> places);
  // Reads nothing any more. What has not been taken is read again.
  void End();
  // Hands over what has arrived; when nothing has, waits for it as long as `wait`. False: nothing
  // came.
  bool Take(Duration wait, CommitFeed& feed);
  // Tells the feed how far the partitions were read, which their records alone do not: there are
  // markers and aborted records between them.
  void TellPositions(std::span<const std::int32_t> partitions, CommitFeed& feed);

  // We may not read the topic.
  const std::optional<Error>& refusal() const { return refusal_; }
  std::uint64_t received_bytes() const { return client_->received_bytes(); }
  std::uint64_t fetches() const { return client_->fetches(); }

 private:
  explicit FeedConsumer(std::unique_ptr<Client> client);
  void TakeMessage(const rd_kafka_message_t& message, CommitFeed& feed);
  void TakeError(const rd_kafka_message_t& message, CommitFeed& feed);

  std::unique_ptr<Client> client_;
  RdQueue queue_;  // goes before its handle
  std::vector<std::int32_t> assigned_;
  std::optional<Error> refusal_;
};

}  // namespace streamgauge::kafka
