// Two topics of a real Kafka: `orders`, of two partitions, with a group that commits all the time
// and one that commits in bursts, and `quiet`, on which nothing ever happens.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "faults/total_check.h"
#include "faults/world.h"
#include "support/kafka_client.h"

namespace streamgauge::test {

inline constexpr std::size_t kWorldPartitions = 2;

// What is true of a topic, partition by partition.
struct KafkaTopicTruth {
  using Offsets = std::array<std::int64_t, kWorldPartitions>;
  static constexpr std::int64_t kNone = -1;  // nothing is committed

  Offsets ends{};
  std::map<std::string, Offsets> committed;  // by group
  // Since the world began, whatever became of the topic.
  Offsets appended{};
  std::map<std::string, Offsets> delivered;
};

class KafkaWorld final : public World {
 public:
  // Makes the topics and sets them in motion; their names and the groups' begin with `prefix`.
  // `stale_after` and `poll_interval` are the agent's: for so long it keeps what it knew of a
  // partition, and so exact are its ages.
  KafkaWorld(const std::string& bootstrap, std::string prefix,
             std::chrono::milliseconds stale_after, std::chrono::milliseconds poll_interval,
             std::string target = kWorldTarget, int replicas = 1);
  ~KafkaWorld() override { StandStill(); }

  std::vector<std::string> LiesOf(const MetricsPage& page, WallMoment poll_ended) override;
  std::vector<std::string> MissingOn(const MetricsPage& page) const override;

  const std::string& prefix() const { return prefix_; }
  std::string orders() const { return prefix_ + "orders"; }

  // What is done by hand to the topic `quiet` and its group, in all partitions. From then on the
  // group may be said to be rewound.
  void CommitOnQuiet(std::int64_t offset);
  void DeleteGroupOfQuiet();
  // Deleted, and made again with as many records.
  void MakeQuietAnew();
  // The offset that the group has at the beginning; there is a record after it.
  static constexpr std::int64_t kQuietCommit = 1;

  // From now on the agent's clock, by which it tells the ages of records that it has not seen
  // coming, is so much ahead.
  void AgentClockIsAhead(std::chrono::milliseconds ahead) { ahead_.Note(WallClock::now(), ahead); }

 private:
  using Spans = std::vector<Ledger<KafkaTopicTruth>::Span>;
  struct Topic {
    KafkaTopicTruth truth;
    Ledger<KafkaTopicTruth> ledger;
    // When each record was written: before the second moment, and not before the first.
    std::array<std::vector<std::pair<WallMoment, WallMoment>>, kWorldPartitions> written;
    std::map<std::string, TotalCheck> totals;
  };
  struct Range {
    std::int64_t low = 0;
    std::int64_t high = 0;
  };
  // What is compared with what, on one page.
  struct Comparison {
    const MetricsPage& page;
    Labels labels;  // of the topic
    Spans spans;
    WallMoment poll_ended;
    std::vector<std::string>& lies;
  };

  void Step() override;
  std::string quiet() const { return prefix_ + "quiet"; }
  std::string asleep() const { return prefix_ + "asleep"; }
  void ProduceOnAll(const std::string& topic);
  void Produce(const std::string& topic, std::int32_t partition);
  void Commit(const std::string& topic, const std::string& group);
  void CommitAt(const std::string& topic, const std::string& group,
                const KafkaTopicTruth::Offsets& at);
  void ExpectTrouble();

  static Range EndsOf(const Spans& spans, std::size_t partition);
  // Its low is above its high when nothing was committed at any time.
  static Range CommittedOf(const Spans& spans, const std::string& group, std::size_t partition);
  static Range SumOf(
      const Spans& spans,
      const std::function<KafkaTopicTruth::Offsets(const KafkaTopicTruth&)>& offsets);
  void CheckTopic(Topic& topic, const Comparison& with);
  void CheckGroup(Topic& topic, const std::string& group, const Comparison& with);
  void CheckAge(const Topic& topic, std::size_t partition, const Labels& where, Range committed,
                const Comparison& with) const;
  static void CheckTotal(Topic& topic, const char* metric, const Labels& where, Range truth,
                         const Comparison& with);

  const std::string prefix_;
  const std::chrono::milliseconds stale_after_;
  const std::chrono::milliseconds poll_interval_;
  const std::string bootstrap_;
  KafkaClient client_;
  std::uint64_t steps_ = 0;
  mutable std::mutex truth_mutex_;  // guards `written` and `totals`
  std::map<std::string, Topic> topics_;
  bool may_be_rewound_ = false;
  Ledger<std::chrono::milliseconds> ahead_;
};

}  // namespace streamgauge::test
