#include "kafka/partition_bound.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

#include "kafka/scripted_cluster.h"

namespace streamgauge::kafka {
namespace {

constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();

TEST(PartitionBoundTest, NumbersThatCannotBeAreTakenOutAndCounted) {
  TopicDescription topic;
  GroupDescription group{MembersState::kStable, 1, {{"orders", 1, {}}}};
  GroupOffsets offsets = {{"orders", {}, {}, {}}};
  for (const std::int32_t number : {-1, 0, kMaxPartitions - 1, kMaxPartitions, kHighest}) {
    topic.partitions.push_back({number, 1, 1, 1});
    group.topics[0].partitions.push_back(number);
    offsets[0].partitions.push_back({number, 5});
  }
  EXPECT_EQ(DropImpossible(topic), 3U);
  EXPECT_EQ(DropImpossible(group), 3U);
  EXPECT_EQ(DropImpossible(offsets), 3U);
  EXPECT_EQ(topic.partitions.size(), 2U);
  EXPECT_EQ(group.topics[0].partitions, (std::vector<std::int32_t>{0, kMaxPartitions - 1}));
  EXPECT_EQ(offsets[0].partitions.size(), 2U);
  EXPECT_EQ(DropImpossible(offsets), 0U);
}

TEST(PartitionBoundTest, TopicsAndGroupsMakeNoRoomForThem) {
  NameTable names(NameKind::kStream);
  TrackedTopic topic(names.Intern("orders"), 1);
  topic.Describe({{1, 1}, {{0, 1, 1, 1}, {kHighest, 1, 1, 1}}}, SteadyTime{});
  EXPECT_EQ(topic.partitions.size(), 1U);
  TrackedGroup group(names.Intern("billing"));
  const auto resolve = [&topic](const std::string&) { return &topic; };
  group.TakeCommitted({{"orders", {{0, 4}, {kHighest, 4}}, {}, {}}}, SteadyTime{}, resolve);
  group.TakeDescription({MembersState::kStable, 1, {{"orders", 1, {kHighest}}}}, SteadyTime{},
                        resolve);
  ASSERT_EQ(group.topics.size(), 1U);
  EXPECT_EQ(group.topics[0].partitions.size(), 1U);
}

}  // namespace
}  // namespace streamgauge::kafka
