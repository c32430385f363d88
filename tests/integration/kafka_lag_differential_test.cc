// Does anything that the Kafka source says differ from the truth? Random operations on a real
// broker, several of them between two polls; then, while nothing moves, every figure is compared
// with what librdkafka's plain calls say, and now and then with Kafka's own ConsumerGroupCommand.
// A figure may be absent; it may not be wrong.
//
// STREAMGAUGE_SEED=N runs that seed alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "kafka_polled.h"
#include "support/kafka_broker.h"
#include "support/require.h"

namespace streamgauge {
namespace {

using test::KafkaBroker;
using test::KafkaClient;
using test::KafkaWatermarks;
using Place = std::pair<std::string, std::int32_t>;  // topic and partition

// The broker's present state by plain calls, and the operations that change it.
class World {
 public:
  World(const KafkaBroker& broker, std::uint64_t seed)
      : broker_(broker),
        client_(broker.Connect()),
        random_(seed),
        prefix_("s" + std::to_string(seed % 1'000'000'007) + "-"),
        committing_(broker.bootstrap(), prefix_ + "commits"),
        aborting_(broker.bootstrap(), prefix_ + "aborts") {
    client_.CreateTopic(ledger_, 2);
    topics_[ledger_] = 2;
    for (int i = 0; i < 3; ++i) CreateTopic();
  }

  void Step() {
    const int choice = Below(100);
    if (choice < 30) return Produce();
    if (choice < 38) return ProduceInTransaction(committing_, true);
    if (choice < 46) return ProduceInTransaction(aborting_, false);
    if (choice < 76) return Commit();
    if (choice < 86) return DeleteRecords();
    if (choice < 90) return AddPartition();
    if (choice < 93) return DeleteGroup();
    if (choice < 96) return DeleteTopic();
    if (choice < 98) return ReCreateTopic();
    CreateTopic();
  }

  const std::map<std::string, int>& topics() const { return topics_; }
  const std::string& prefix() const { return prefix_; }
  std::vector<std::string> groups() const {
    return {prefix_ + "g0", prefix_ + "g1", prefix_ + "g2", prefix_ + "g3"};
  }
  KafkaWatermarks Watermarks(const Place& place) {
    return client_.Watermarks(place.first, place.second);
  }
  std::map<Place, std::int64_t> Committed(const std::string& group) {
    std::map<Place, std::int64_t> committed;
    for (const auto& one : client_.CommittedOffsets(group)) {
      committed[{one.topic, one.partition}] = one.offset;
    }
    return committed;
  }
  std::uint64_t Lost(const std::string& group, const std::string& topic) const {
    const auto lost = lost_.find({group, topic});
    return lost == lost_.end() ? 0 : lost->second;
  }
  // What was lost stays lost when the topic goes: should one of that name be back soon, with the
  // group on it, the agent's total goes on where it was.
  void TakeNoteOfPoll() { since_poll_.clear(); }
  void ForgetGone(const std::string& group, const std::map<Place, std::int64_t>& committed) {
    std::erase_if(followed_, [&](const auto& one) {
      return one.first.first == group && !committed.contains(one.first.second);
    });
  }
  void DeleteAll() {
    for (const auto& [topic, partitions] : topics_) client_.DeleteTopic(topic);
  }

 private:
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  std::string Group() { return groups()[static_cast<std::size_t>(Below(4))]; }
  std::optional<Place> AnyPlace() {
    if (topics_.empty()) return std::nullopt;
    auto topic = topics_.begin();
    std::advance(topic, Below(static_cast<int>(topics_.size())));
    return Place(topic->first, Below(topic->second));
  }

  // Anywhere but on the ledger, which transactions write to and which stays as it is: a producer
  // takes its time to notice that a topic has changed.
  std::optional<Place> AnyChangeablePlace() {
    const auto place = AnyPlace();
    return place && place->first != ledger_ ? place : std::nullopt;
  }
  void Reconnect() { client_ = broker_.Connect(); }

  void CreateTopic() {
    const std::string topic = prefix_ + "t" + std::to_string(Below(5));
    if (topics_.contains(topic)) return;
    const int partitions = 1 + Below(3);
    client_.CreateTopic(topic, partitions);
    topics_[topic] = partitions;
  }
  void DeleteTopic() {
    const auto place = AnyChangeablePlace();
    if (!place) return;
    client_.DeleteTopic(place->first);
    topics_.erase(place->first);
    Reconnect();
    std::erase_if(followed_,
                  [&](const auto& one) { return one.first.second.first == place->first; });
  }
  void ReCreateTopic() {
    const auto place = AnyChangeablePlace();
    if (!place) return;
    client_.DeleteTopic(place->first);
    std::erase_if(followed_,
                  [&](const auto& one) { return one.first.second.first == place->first; });
    const int partitions = 1 + Below(3);
    client_.CreateTopic(place->first, partitions);
    topics_[place->first] = partitions;
    Reconnect();
    if (Below(2) == 0) client_.Produce(place->first, 0, Below(30) + 1);
    // A consumer that noticed nothing.
    if (Below(2) == 0) CommitUnseeing(Group(), {place->first, 0}, Below(40));
  }
  void AddPartition() {
    const auto place = AnyChangeablePlace();
    if (!place || topics_[place->first] >= 5) return;
    client_.AddPartitions(place->first, ++topics_[place->first]);
    Reconnect();
  }
  void Produce() {
    if (const auto place = AnyPlace()) client_.Produce(place->first, place->second, 1 + Below(20));
  }
  void ProduceInTransaction(test::KafkaTransaction& transaction, bool commits) {
    transaction.Produce(ledger_, Below(2), 1 + Below(5));
    if (commits) {
      transaction.Commit();
    } else {
      transaction.Abort();
    }
  }
  void Commit() {
    const auto place = AnyPlace();
    if (!place) return;
    const KafkaWatermarks marks = Watermarks(*place);
    std::int64_t offset = Below(static_cast<int>(marks.end) + 1);
    if (Below(4) == 0) offset = marks.end;
    if (Below(20) == 0) offset = marks.end + 1 + Below(5);  // nobody keeps a client from it
    const std::string group = Group();
    // Forth and back between two polls leaves no trace: what the group had got is not counted then.
    const auto since = since_poll_.find({group, *place});
    if (since != since_poll_.end() && offset < since->second) return;
    since_poll_[{group, *place}] = offset;
    CommitUnseeing(group, *place, offset);
  }
  // Whatever the partition looks like. To a group that was not there before it is a place like any
  // other, from which records can be lost.
  void CommitUnseeing(const std::string& group, const Place& place, std::int64_t offset) {
    client_.CommitOffsets(group, {{place.first, place.second, offset}});
    const auto followed = followed_.try_emplace({group, place}).first;
    // From beyond the end there is nothing to be passed.
    followed->second = std::max(followed->second, std::min(offset, Watermarks(place).end));
  }
  void DeleteRecords() {
    const auto place = AnyPlace();
    if (!place) return;
    const KafkaWatermarks marks = Watermarks(*place);
    if (marks.end == marks.start) return;
    const std::int64_t to = marks.start + 1 + Below(static_cast<int>(marks.end - marks.start));
    client_.DeleteRecords(place->first, place->second, to);
    for (const auto& [key, furthest] : followed_) {
      if (key.second != *place) continue;
      lost_[{key.first, place->first}] += static_cast<std::uint64_t>(
          std::max<std::int64_t>(0, to - std::max(furthest, marks.start)));
    }
  }
  void DeleteGroup() {
    const std::string group = Group();
    if (Committed(group).empty()) return;
    client_.DeleteGroup(group);
  }

  const KafkaBroker& broker_;
  KafkaClient client_;
  std::mt19937_64 random_;
  std::string prefix_;
  std::string ledger_ = prefix_ + "ledger";
  test::KafkaTransaction committing_;
  test::KafkaTransaction aborting_;
  std::map<std::string, int> topics_;                                  // partitions
  std::map<std::pair<std::string, Place>, std::int64_t> followed_;     // furthest commit
  std::map<std::pair<std::string, Place>, std::int64_t> since_poll_;   // commits since the last one
  std::map<std::pair<std::string, std::string>, std::uint64_t> lost_;  // by group and topic
};

// How the comparison went.
struct Score {
  int polls = 0;
  int ends = 0;          // offsets of partitions
  int observations = 0;  // lags of partitions
  int absent = 0;
  int sums = 0;
  int sums_absent = 0;
  int group_counts = 0;
  int losses = 0;  // comparisons of lost_total with something truly lost
};

class Comparison {
 public:
  Comparison(World& world, const test::PolledKafka& source, Score& score)
      : world_(world), source_(source), score_(score) {}

  void Run() {
    ++score_.polls;
    world_.TakeNoteOfPoll();
    CompareStreams();
    for (const std::string& group : world_.groups()) CompareGroup(group);
    CompareGroupCounts();
  }

 private:
  void CompareStreams() {
    for (const auto& [topic, partitions] : world_.topics()) {
      const StreamReading* stream = source_.Stream(topic);
      // A topic that nothing is committed on is found by and by.
      // One that no group uses may be shown as it was two polls ago.
      if (stream == nullptr || !IsUsed(*stream)) continue;
      EXPECT_EQ(stream->partition_count, static_cast<std::uint32_t>(partitions)) << topic;
      std::uint64_t length = 0;
      for (std::int32_t p = 0; p < partitions; ++p) {
        const KafkaWatermarks marks = world_.Watermarks({topic, p});
        marks_[{topic, p}] = marks;
        ++score_.ends;
        length += static_cast<std::uint64_t>(marks.end - marks.start);
        const PartitionReading& reading = stream->partitions.at(static_cast<std::size_t>(p));
        EXPECT_EQ(reading.start_offset.value_or(marks.start), marks.start) << topic << p;
        EXPECT_EQ(reading.end_offset.value_or(marks.end), marks.end) << topic << p;
        EXPECT_EQ(reading.stable_offset.value_or(marks.end), marks.end) << topic << p;
      }
      EXPECT_EQ(stream->length.value_or(length), length) << topic;
    }
    for (const StreamReading& stream : source_.reading().streams) {
      if (!IsUsed(stream)) continue;
      EXPECT_TRUE(world_.topics().contains(std::string(stream.name->text())));
    }
  }

  bool IsUsed(const StreamReading& stream) const {
    const Reading& reading = source_.reading();
    return std::any_of(reading.groups.begin(), reading.groups.end(), [&](const GroupReading& g) {
      return &reading.streams[g.stream] == &stream;
    });
  }

  void CompareGroupCounts() {
    for (const StreamReading& stream : source_.reading().streams) {
      const std::uint32_t groups = groups_on_[std::string(stream.name->text())];
      EXPECT_EQ(stream.group_count.value_or(groups), groups) << stream.name->text();
      if (stream.group_count) ++score_.group_counts;
    }
  }

  void CompareGroup(const std::string& name) {
    std::map<std::string, std::map<std::int32_t, std::int64_t>> by_topic;
    const std::map<Place, std::int64_t> committed = world_.Committed(name);
    world_.ForgetGone(name, committed);
    for (const auto& [place, offset] : committed) {
      if (world_.topics().contains(place.first)) by_topic[place.first][place.second] = offset;
    }
    for (const auto& [topic, partitions] : world_.topics()) {
      const GroupReading* group = source_.Group(topic, name);
      if (!by_topic.contains(topic)) {
        EXPECT_EQ(group, nullptr) << name << " has nothing on " << topic;
        continue;
      }
      ASSERT_NE(group, nullptr) << name << " on " << topic << " is missing";
      ++groups_on_[topic];
      CompareGroupOnTopic(*group, topic, by_topic[topic]);
    }
  }

  void CompareGroupOnTopic(const GroupReading& group, const std::string& topic,
                           const std::map<std::int32_t, std::int64_t>& committed) {
    const std::string where = std::string(group.name->text()) + " on " + topic;
    EXPECT_EQ(group.partitions.size(), committed.size()) << where;
    std::uint64_t sum = 0;
    bool sum_exists = true;
    for (const auto& [partition, offset] : committed) {
      const KafkaWatermarks marks = marks_.at({topic, partition});
      const GroupPartitionReading* mine = test::PolledKafka::Partition(group, partition);
      ASSERT_NE(mine, nullptr) << where << partition;
      EXPECT_EQ(mine->committed_offset, offset) << where << partition;
      ++score_.observations;
      if (!mine->lag) ++score_.absent;
      if (offset > marks.end) {
        EXPECT_EQ(mine->lag, std::nullopt) << where << ": beyond the end";
        sum_exists = false;
        continue;
      }
      const std::int64_t truth = marks.end - std::max(offset, marks.start);
      EXPECT_EQ(mine->lag.value_or(truth), truth) << where << partition;
      sum += static_cast<std::uint64_t>(truth);
    }
    ++score_.sums;
    if (!group.lag) ++score_.sums_absent;
    EXPECT_TRUE(!group.lag || (sum_exists && group.lag == sum)) << where;
    const std::uint64_t lost = world_.Lost(std::string(group.name->text()), topic);
    if (lost > 0) ++score_.losses;
    EXPECT_LE(group.lost_total.value_or(0), lost) << where;
  }

  World& world_;
  const test::PolledKafka& source_;
  Score& score_;
  std::map<Place, KafkaWatermarks> marks_;
  std::map<std::string, std::uint32_t> groups_on_;  // by topic
};

// In each way of knowing what is committed.
class KafkaLagDifferentialTest : public testing::TestWithParam<KafkaOffsets> {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(KafkaBroker::Available(), "Kafka and Java: run tools/setup.sh test");
  }

  // ConsumerGroupCommand's own lines on the groups of this world.
  void CompareWithKafkasTool(const KafkaBroker& broker, const World& world,
                             const test::PolledKafka& source) {
    const test::Finished tool =
        broker.RunTool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
                       {"--bootstrap-server", broker.bootstrap(), "--describe", "--all-groups"});
    ASSERT_EQ(tool.exit_code, 0) << tool.err;
    std::istringstream lines(tool.out);
    int compared = 0;
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string group, topic;
      std::int32_t partition = -1;
      std::string committed, end, lag;
      if (!(words >> group >> topic >> partition >> committed >> end >> lag)) continue;
      if (!world.topics().contains(topic) || committed == "-" || end == "-") continue;
      const GroupReading* mine = source.Group(topic, group);
      ASSERT_NE(mine, nullptr) << line;
      const GroupPartitionReading* reading = test::PolledKafka::Partition(*mine, partition);
      ASSERT_NE(reading, nullptr) << line;
      const PartitionReading& theirs =
          source.Stream(topic)->partitions.at(static_cast<std::size_t>(partition));
      EXPECT_EQ(reading->committed_offset, std::stoll(committed)) << line;
      EXPECT_EQ(theirs.end_offset, std::stoll(end)) << line;
      // Theirs counts what retention has removed.
      const std::int64_t held = *theirs.end_offset - *theirs.start_offset;
      if (reading->lag) {
        EXPECT_EQ(reading->lag, std::min<std::int64_t>(std::stoll(lag), held)) << line;
      }
      ++compared;
    }
    EXPECT_GT(compared, 0) << tool.out;
  }

  void RunSeed(const KafkaBroker& broker, std::uint64_t seed, std::chrono::seconds duration,
               Score& score) {
    SCOPED_TRACE("STREAMGAUGE_SEED=" + std::to_string(seed));
    World world(broker, seed);
    KafkaTargetConfig config = test::KafkaTarget(broker.bootstrap());
    config.streams.include = {world.prefix() + "*"};
    config.groups.include = {world.prefix() + "*"};
    config.offsets = GetParam();
    test::PolledKafka source(config);
    std::mt19937_64 random(seed);
    const auto until = std::chrono::steady_clock::now() + duration;
    while (std::chrono::steady_clock::now() < until && !HasFailure()) {
      for (auto steps = 1 + random() % 6; steps > 0; --steps) world.Step();
      source.Poll();
      Comparison(world, source, score).Run();
    }
    if (HasFailure()) return;
    EXPECT_EQ(source.telemetry().feed_mismatches.value_or(0), 0U);
    EXPECT_EQ(source.telemetry().feed_mismatches.has_value(), GetParam() == KafkaOffsets::kFeed);
    CompareWithKafkasTool(broker, world, source);
    world.DeleteAll();
  }
};

TEST_P(KafkaLagDifferentialTest, NoFigureDiffersFromTheTruth) {
  std::vector<std::uint64_t> seeds = {1, 2, std::random_device{}()};
  if (const char* seed = std::getenv("STREAMGAUGE_SEED")) {
    seeds = {std::strtoull(seed, nullptr, 10)};
  }
  const KafkaBroker broker;
  Score score;
  for (const std::uint64_t seed : seeds) {
    std::cout << "seed " << seed << std::endl;
    RunSeed(broker, seed, std::chrono::seconds(9), score);
    if (HasFailure()) return;
  }
  std::cout << score.polls << " polls, ends of " << score.ends << " partitions, "
            << score.observations << " lags of partitions, of which " << score.absent << " absent; "
            << score.sums << " sums, of which " << score.sums_absent << " absent; " << score.losses
            << " comparisons of losses" << std::endl;
  EXPECT_GT(score.ends, 500);
  EXPECT_GT(score.observations, 500);
  EXPECT_LT(score.absent, score.observations / 2);
  EXPECT_GT(score.losses, 0);
  EXPECT_GT(score.group_counts, score.polls);
}

INSTANTIATE_TEST_SUITE_P(Offsets, KafkaLagDifferentialTest,
                         testing::Values(KafkaOffsets::kFeed, KafkaOffsets::kAdmin),
                         [](const auto& offsets) {
                           return offsets.param == KafkaOffsets::kFeed ? "Followed" : "AskedFor";
                         });

}  // namespace
}  // namespace streamgauge
