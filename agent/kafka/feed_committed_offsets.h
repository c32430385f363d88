// Committed offsets by following __consumer_offsets: a snapshot of each group by an OffsetFetch,
// and then every commit as it is read from the topic. A poll in which nothing was committed asks
// for the ends of the topic's partitions and for nothing else. Owned by the source and used by its
// thread.
//
// Groups whose partition could not be read up to its end in a poll (an open transaction, a leader
// that is not there, a new start) are asked for in that poll. One group in each poll is asked for
// all the same and compared. Where the topic may not be read, all groups are always asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "kafka/commit_feed.h"
#include "kafka/committed_offsets.h"
#include "kafka/feed_consumer.h"
#include "model/error.h"
#include "model/telemetry.h"
#include "model/time.h"

namespace streamgauge::kafka {

class FeedCommittedOffsets : public CommittedOffsets {
 public:
  // `config` outlives this.
  FeedCommittedOffsets(std::string target, const KafkaTargetConfig& config, WarnedKinds& warned);

  // What kOffsetsTopic looks like. Without a description all groups are asked for.
  void TakeDescription(const Result<TopicDescription>& description, SteadyTime now);
  void Read(AdminRequests& requests, std::span<const GroupQuery> groups,
            CommittedOffsetsTaker& taker) override;
  // Connects anew in the next Read, with the password read again; nothing that is known is lost.
  void Reconnect();

  // Why the topic cannot be followed, if that is so.
  const std::optional<Error>& refusal() const { return refusal_; }
  // And it is too early to try again.
  bool Refused(SteadyTime now) const;
  std::uint64_t received_bytes() const { return received_before_ + ReceivedNow(); }

 private:
  // Of one Read.
  struct Round {
    AdminRequests& requests;
    std::span<const GroupQuery> groups;
    CommittedOffsetsTaker& taker;
    std::vector<FedGroup*> fed;  // by the groups' index
  };
  // A group that is asked for: to be told, or to be compared.
  struct Asked {
    std::size_t index = 0;
    bool to_compare = false;
  };

  bool MayFollow(SteadyTime now);
  void Refuse(Error error, SteadyTime now);
  void ReadEnds(AdminRequests& requests);
  void Follow(AdminRequests& requests);
  Duration Patience(const std::vector<std::int32_t>& unread) const;
  void EndCheck();
  std::vector<Asked> ChooseAsked(Round& round);
  std::size_t ChooseChecked(const Round& round);
  void Ask(Round& round, const std::vector<Asked>& asked);
  void TakeAnswer(Round& round, const Asked& one, const GroupOffsets& offsets, AnsweredBy by);
  void TellKnown(Round& round, std::size_t index);
  void Count(AdminRequests& requests);
  std::uint64_t ReceivedNow() const { return consumer_ ? consumer_->received_bytes() : 0; }

  const std::string target_;
  const KafkaTargetConfig& config_;
  WarnedKinds& warned_;
  CommitFeed feed_;
  std::unique_ptr<FeedConsumer> consumer_;
  std::vector<std::optional<std::int32_t>> leaders_;  // of the topic's partitions
  std::optional<Error> refusal_;
  SteadyTime refused_at_{};
  std::size_t next_check_ = 0;
  std::uint64_t mismatches_ = 0;
  std::uint64_t received_before_ = 0;  // by the consumers before this one
  std::uint64_t fetches_counted_ = 0;  // of this consumer's
};

}  // namespace streamgauge::kafka
