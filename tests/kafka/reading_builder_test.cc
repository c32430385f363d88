#include "kafka/reading_builder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

#include "kafka/scripted_cluster.h"

namespace streamgauge::kafka {
namespace {

using namespace std::chrono_literals;

// One topic with two partitions and one group that reads both.
class ReadingBuilderTest : public testing::Test {
 protected:
  ReadingBuilderTest() {
    cluster_.topics["orders"] = {.partitions = {{0, 10}, {5, 20}}};
    cluster_.groups["billing"] = {.committed = {{"orders", 0, 4}, {"orders", 1, 20}}};
  }
  const GroupReading& Billing() { return *cluster_.GroupOn("orders", "billing"); }
  const StreamReading& Orders() { return *cluster_.Stream("orders"); }

  ScriptedCluster cluster_;
};

TEST_F(ReadingBuilderTest, SumsAreOverAllPartitions) {
  cluster_.Poll();
  EXPECT_EQ(Orders().length, 25U);
  EXPECT_EQ(Billing().lag, 6U);
  EXPECT_EQ(Billing().lag_source, LagSource::kExact);
  EXPECT_EQ(Billing().position, (Position{24, 0}));
  EXPECT_EQ(Billing().completeness, 1.0);
  EXPECT_EQ(Billing().headroom_messages, 4U);
}

TEST_F(ReadingBuilderTest, ASilentLeaderLeavesTheLastValuesForAWhileAndThenNoSum) {
  cluster_.Poll();
  cluster_.topics["orders"].partitions[0].answers = false;
  cluster_.topics["orders"].partitions[1].end = 25;
  cluster_.Poll(10s);
  EXPECT_EQ(Billing().completeness, 0.5);
  EXPECT_EQ(Billing().lag, 11U) << "6 of before and 5 of now";
  EXPECT_EQ(Billing().partitions[0].lag, 6);
  EXPECT_EQ(Orders().length, 30U);
  cluster_.Poll(21s);
  EXPECT_EQ(Billing().lag, std::nullopt);
  EXPECT_EQ(Billing().lag_source, LagSource::kUnknown);
  EXPECT_EQ(Billing().partitions[0].lag, std::nullopt);
  EXPECT_EQ(Billing().partitions[1].lag, 5) << "the other partition is as well known as ever";
  EXPECT_EQ(Billing().headroom_messages, std::nullopt);
  EXPECT_EQ(Orders().length, std::nullopt);
  EXPECT_EQ(Orders().appended_total, std::nullopt);
  EXPECT_EQ(Orders().partitions[0].end_offset, std::nullopt);
}

TEST_F(ReadingBuilderTest, ACommitAndAnEndOfDifferentPollsMakeNoLag) {
  cluster_.Poll();
  // The group went on to 15, past the end that was last read.
  cluster_.topics["orders"].partitions[0].answers = false;
  cluster_.groups["billing"].committed[0].offset = 15;
  cluster_.Poll(10s);
  EXPECT_EQ(Billing().partitions[0].lag, 6) << "the last one that was true";
  EXPECT_FALSE(Billing().rewound) << "15 is not beyond the end of now";
  cluster_.topics["orders"].partitions[0] = {0, 18, true};
  cluster_.Poll(10s);
  EXPECT_EQ(Billing().partitions[0].lag, 3);
}

TEST_F(ReadingBuilderTest, ASilentCoordinatorLeavesTheLastValuesForAWhile) {
  cluster_.Poll();
  cluster_.groups["billing"].answers = false;
  cluster_.topics["orders"].partitions[0].end = 50;
  cluster_.Poll(10s);
  EXPECT_EQ(Billing().lag, 6U);
  EXPECT_EQ(Billing().completeness, 0.0);
  cluster_.Poll(21s);
  EXPECT_EQ(Billing().lag, std::nullopt);
  EXPECT_EQ(Billing().position, std::nullopt);
  EXPECT_TRUE(Billing().partitions.empty());
  cluster_.groups["billing"].answers = true;
  cluster_.Poll(10s);
  EXPECT_EQ(Billing().lag, 46U);
}

TEST_F(ReadingBuilderTest, AMissingGroupStaysUntilItsCoordinatorKnowsNothingOfIt) {
  cluster_.Poll();
  cluster_.brokers_list = false;  // just started: the list is short
  cluster_.Poll();
  ASSERT_NE(cluster_.GroupOn("orders", "billing"), nullptr);
  EXPECT_EQ(Billing().lag, 6U);
  EXPECT_EQ(Billing().members_state, MembersState::kUnknown);
  EXPECT_EQ(Billing().members, std::nullopt);
  cluster_.groups.erase("billing");
  cluster_.Poll();
  EXPECT_EQ(cluster_.GroupOn("orders", "billing"), nullptr);
}

TEST_F(ReadingBuilderTest, AMissingGroupWhoseCoordinatorIsSilentGoesAfterAWhile) {
  cluster_.Poll();
  cluster_.brokers_list = false;
  cluster_.groups["billing"].answers = false;
  cluster_.Poll(20s);
  EXPECT_NE(cluster_.GroupOn("orders", "billing"), nullptr);
  cluster_.Poll(20s);
  EXPECT_EQ(cluster_.GroupOn("orders", "billing"), nullptr);
}

TEST_F(ReadingBuilderTest, APartitionThatAMemberHasWithoutACommitLeavesNoSum) {
  auto& group = cluster_.groups["billing"];
  group.state = MembersState::kStable;
  group.committed.pop_back();
  group.description = GroupDescription{MembersState::kStable, 1, {{"orders", 1, {0, 1}}}};
  cluster_.Poll();
  EXPECT_EQ(Billing().lag, std::nullopt) << "where it will start on partition 1 is not known";
  EXPECT_EQ(Billing().partitions.size(), 1U);
  EXPECT_EQ(Billing().partitions[0].lag, 6);
  const Reading& reading = cluster_.Poll();
  ASSERT_EQ(reading.skipped.size(), 1U);
  EXPECT_EQ(reading.skipped[0].kind, "uncommitted_partition");
  EXPECT_EQ(reading.skipped[0].reason, "uncommitted");
  EXPECT_EQ(reading.skipped[0].count, 1U);
}

TEST_F(ReadingBuilderTest, AnEmptyPartitionWithoutACommitIsNoGapInTheSum) {
  auto& group = cluster_.groups["billing"];
  group.state = MembersState::kStable;
  group.committed.pop_back();
  group.description = GroupDescription{MembersState::kStable, 1, {{"orders", 1, {0, 1}}}};
  cluster_.topics["orders"].partitions[1] = {7, 7};
  cluster_.Poll();
  EXPECT_EQ(Billing().lag, 6U) << "nothing is there to be read, wherever it starts";
}

TEST_F(ReadingBuilderTest, APartitionWithNeitherACommitNorAMemberIsNotTheGroups) {
  cluster_.groups["billing"].committed.pop_back();
  cluster_.Poll();
  EXPECT_EQ(Billing().lag, 6U);
  EXPECT_EQ(Billing().completeness, 1.0);
  EXPECT_TRUE(cluster_.Poll().skipped.empty());
}

TEST_F(ReadingBuilderTest, ATopicThatNobodyReadsAnyMoreIsAbandonedAfterAMinute) {
  auto& group = cluster_.groups["billing"];
  cluster_.topics["mail"] = {.partitions = {{0, 5}}};
  group.state = MembersState::kStable;
  group.description = GroupDescription{MembersState::kStable, 2, {{"mail", 2, {0}}}};
  cluster_.Poll();
  EXPECT_FALSE(Billing().abandoned);
  EXPECT_EQ(Billing().members, 0U) << "of two members none has a partition of it";
  cluster_.Poll(60s);
  EXPECT_TRUE(Billing().abandoned);
  EXPECT_EQ(Billing().lag, 6U) << "it stays in the lag";
  EXPECT_FALSE(cluster_.GroupOn("mail", "billing")->abandoned);
  EXPECT_EQ(cluster_.GroupOn("mail", "billing")->members, 2U);
  group.committed[0].offset = 5;
  cluster_.Poll();
  EXPECT_FALSE(Billing().abandoned) << "somebody commits";
}

TEST_F(ReadingBuilderTest, AGroupThatWasEmptyForAMomentIsAskedForItsMembersAgain) {
  auto& group = cluster_.groups["billing"];
  group.state = MembersState::kStable;
  group.description = GroupDescription{MembersState::kStable, 1, {{"orders", 1, {0, 1}}}};
  cluster_.Poll();
  cluster_.Poll(60s);
  ASSERT_EQ(Billing().members, 1U);
  group.state = MembersState::kEmpty;
  cluster_.Poll(2s);
  ASSERT_EQ(Billing().members, 0U);
  group.state = MembersState::kStable;
  cluster_.Poll(2s);
  EXPECT_EQ(Billing().members, 1U) << "the state is that of the last description, the time short";
  EXPECT_FALSE(Billing().abandoned);
}

TEST_F(ReadingBuilderTest, WithoutTheMembersAnUncommittedPartitionMayBeTheGroups) {
  const GroupDescription stable{MembersState::kStable, 1, {{"orders", 1, {0}}}};
  struct Row {
    MembersState state;
    std::optional<GroupDescription> description;
    Offset start;  // of the partition without a commit, which ends at 20
    bool known;
    const char* reason;
  };
  const Row rows[] = {
      {MembersState::kStable, std::nullopt, 5, false, "a member may have it"},
      {MembersState::kStable, std::nullopt, 20, true, "nothing is there to be read"},
      {MembersState::kStable, stable, 5, true, "no member has it"},
      {MembersState::kEmpty, std::nullopt, 5, true, "there are no members"},
      {MembersState::kPreparingRebalance,
       GroupDescription{MembersState::kPreparingRebalance, 1, {}}, 5, false,
       "who will have it is not decided"},
  };
  for (const Row& row : rows) {
    ScriptedCluster cluster;
    cluster.topics["orders"] = {.partitions = {{0, 10}, {row.start, 20}}};
    cluster.groups["billing"] = {
        .state = row.state, .committed = {{"orders", 0, 4}}, .description = row.description};
    cluster.Poll();
    const GroupReading& billing = *cluster.GroupOn("orders", "billing");
    EXPECT_EQ(billing.lag.has_value(), row.known) << row.reason;
    EXPECT_EQ(billing.headroom_messages.has_value(), row.known) << row.reason;
    EXPECT_EQ(billing.position, (Position{4, 0})) << row.reason;
    EXPECT_EQ(billing.completeness, 1.0) << row.reason;
  }
}

TEST_F(ReadingBuilderTest, SumsOfRisesAreShownOnlyInPollsThatReadAllOfThem) {
  cluster_.Poll();
  cluster_.topics["orders"].partitions[0].answers = false;
  cluster_.Poll(10s);
  EXPECT_EQ(Orders().appended_total, std::nullopt) << "the topic does not stand still";
  EXPECT_EQ(Orders().removed_total, std::nullopt);
  EXPECT_EQ(Orders().trimmed_total, std::nullopt);
  EXPECT_EQ(Orders().length, 25U) << "a last value is one for a while";
  EXPECT_EQ(Billing().delivered_total, 0U) << "all that is committed was read";
  cluster_.topics["orders"].partitions[0] = {0, 14};
  cluster_.groups["billing"].answers = false;
  cluster_.Poll(10s);
  EXPECT_EQ(Orders().appended_total, 4U);
  EXPECT_EQ(Billing().delivered_total, std::nullopt);
  EXPECT_EQ(Billing().acknowledged_total, std::nullopt);
  EXPECT_EQ(Billing().position, (Position{24, 0})) << "a last value is one for a while";
  cluster_.groups["billing"].answers = true;
  cluster_.groups["billing"].committed[0].offset = 9;
  cluster_.Poll(10s);
  EXPECT_EQ(Billing().delivered_total, 5U);
}

TEST_F(ReadingBuilderTest, MembersOfAnEmptyGroupAreNoneWithoutAsking) {
  cluster_.Poll();
  EXPECT_EQ(Billing().members, 0U);
  cluster_.groups["billing"].state = MembersState::kStable;
  cluster_.Poll();
  EXPECT_EQ(Billing().members, std::nullopt) << "it could not be described";
}

TEST_F(ReadingBuilderTest, ATopicThatIsGoneTakesItsGroupsAlong) {
  cluster_.Poll();
  cluster_.topics.clear();
  cluster_.Poll();
  const Reading& reading = cluster_.Poll();
  EXPECT_TRUE(reading.streams.empty());
  EXPECT_TRUE(reading.groups.empty());
}

TEST_F(ReadingBuilderTest, ABrokerThatHasNotHeardOfATopicMakesNoSumBeginAnew) {
  for (const TopicId id : {TopicId{1, 1}, TopicId{}}) {
    ScriptedCluster cluster;
    cluster.topics["orders"] = {.id = id, .partitions = {{0, 10}}};
    cluster.groups["billing"] = {.committed = {{"orders", 0, 4}}};
    cluster.Poll();
    cluster.topics["orders"].partitions[0].end = 4010;
    cluster.groups["billing"].committed[0].offset = 2004;
    cluster.Poll();
    const std::uint64_t incarnation = cluster.Stream("orders")->incarnation;
    cluster.topics["orders"].missing = true;
    for (int poll = 0; poll < 3; ++poll) {
      EXPECT_TRUE(cluster.Poll().streams.empty()) << "it may be gone";
      EXPECT_TRUE(cluster.Poll(1s).groups.empty());
    }
    cluster.topics["orders"].missing = false;
    cluster.Poll();
    EXPECT_EQ(cluster.Stream("orders")->appended_total, 4000U);
    EXPECT_EQ(cluster.GroupOn("orders", "billing")->delivered_total, 2000U);
    EXPECT_EQ(cluster.Stream("orders")->incarnation == incarnation, id.known())
        << "without ids it may be another one";
  }
}

TEST_F(ReadingBuilderTest, WhoeverIsForgottenComesBackAsAnotherOne) {
  const auto forget = [this](auto& all, const auto& present) {
    const auto kept = all;
    all.clear();
    for (int poll = 0; poll < 6; ++poll) cluster_.Poll();
    EXPECT_FALSE(present());
    all = kept;
    cluster_.Poll();
  };
  cluster_.Poll();
  const std::uint64_t group = Billing().incarnation;
  forget(cluster_.groups, [this] { return cluster_.GroupOn("orders", "billing") != nullptr; });
  EXPECT_NE(Billing().incarnation, group) << "its sums begin at 0";

  const std::uint64_t second_group = Billing().incarnation;
  const std::uint64_t topic = Orders().incarnation;
  forget(cluster_.topics, [this] { return cluster_.Stream("orders") != nullptr; });
  EXPECT_NE(Orders().incarnation, topic);
  EXPECT_NE(Billing().incarnation, second_group);

  const std::uint64_t third_group = Billing().incarnation;
  forget(cluster_.groups["billing"].committed,
         [this] { return cluster_.GroupOn("orders", "billing") != nullptr; });
  EXPECT_NE(Billing().incarnation, third_group) << "its offsets were deleted and it has new ones";
}

TEST_F(ReadingBuilderTest, CountersGoOnOverAReCreation) {
  cluster_.Poll();
  cluster_.topics["orders"].partitions[0].end = 13;
  cluster_.topics["orders"].partitions[0].start = 2;
  cluster_.groups["billing"].committed[0].offset = 9;
  cluster_.Poll();
  EXPECT_EQ(Orders().appended_total, 3U);
  EXPECT_EQ(Orders().removed_total, 2U);
  EXPECT_EQ(Billing().delivered_total, 5U);
  const std::uint64_t incarnation = Orders().incarnation;

  cluster_.topics["orders"] = {.id = {1, 2}, .partitions = {{0, 7}}};
  cluster_.groups["billing"].committed = {{"orders", 0, 3}};
  cluster_.Poll();
  EXPECT_NE(Orders().incarnation, incarnation);
  EXPECT_EQ(Orders().appended_total, 3U)
      << "what the new topic held at first sight is its baseline";
  EXPECT_EQ(Orders().removed_total, 2U);
  EXPECT_EQ(Billing().delivered_total, 5U);
  EXPECT_EQ(Billing().lag, std::nullopt) << "the commit may be of the former topic";
  EXPECT_TRUE(Billing().rewound);
  cluster_.topics["orders"].partitions[0].end = 9;
  cluster_.groups["billing"].committed = {{"orders", 0, 4}};
  cluster_.Poll();
  EXPECT_EQ(Orders().appended_total, 5U);
  EXPECT_EQ(Billing().lag, 5U);
}

TEST_F(ReadingBuilderTest, WhatAReCreatedTopicHoldsAtFirstSightIsNoRise) {
  cluster_.topics["orders"] = {.partitions = {{0, 10}}};
  cluster_.groups["billing"] = {.committed = {{"orders", 0, 4}}};
  cluster_.Poll();
  // Further than the former topic was, in everything.
  cluster_.topics["orders"] = {.id = {1, 2}, .partitions = {{6, 50}}};
  cluster_.groups["billing"] = {.committed = {{"orders", 0, 30}}};
  cluster_.Poll();
  EXPECT_EQ(Orders().appended_total, 0U);
  EXPECT_EQ(Orders().removed_total, 0U);
  EXPECT_EQ(Billing().delivered_total, 0U);
  EXPECT_TRUE(Billing().rewound);
}

TEST_F(ReadingBuilderTest, WithoutADescriptionNobodyKnowsOfWhichTopicTheOffsetsAre) {
  cluster_.topics["orders"] = {.partitions = {{0, 10}}};
  cluster_.groups["billing"] = {.committed = {{"orders", 0, 4}}};
  cluster_.Poll();
  cluster_.describes = false;
  cluster_.topics["orders"] = {.id = {1, 2}, .partitions = {{6, 50}}};
  cluster_.groups["billing"] = {.committed = {{"orders", 0, 30}}};
  cluster_.Poll();
  EXPECT_EQ(Billing().lag, 6U) << "the last one that was true";
  EXPECT_EQ(Billing().completeness, 0.0);
  EXPECT_EQ(Billing().delivered_total, std::nullopt);
  EXPECT_EQ(Orders().appended_total, std::nullopt);
  EXPECT_EQ(Orders().partitions[0].leader, 1);
  EXPECT_EQ(Orders().partition_count, 1U);
  cluster_.Poll(21s);
  EXPECT_EQ(Billing().lag, std::nullopt);
  EXPECT_EQ(Orders().length, std::nullopt);
  EXPECT_EQ(Orders().partitions[0].leader, std::nullopt);
  EXPECT_EQ(Orders().partitions[0].replicas, std::nullopt);
  EXPECT_EQ(Orders().partitions[0].in_sync_replicas, std::nullopt);
  EXPECT_EQ(Orders().partition_count, std::nullopt);
  cluster_.describes = true;
  cluster_.Poll();
  EXPECT_EQ(Orders().appended_total, 0U);
  EXPECT_EQ(Orders().length, 44U);
  EXPECT_EQ(Billing().delivered_total, 0U);
  EXPECT_TRUE(Billing().rewound);
}

TEST_F(ReadingBuilderTest, AnAnswerThatListsFewerPartitionsMakesNoSumFall) {
  for (const TopicId id : {TopicId{1, 1}, TopicId{}}) {
    ScriptedCluster cluster;
    cluster.topics["orders"] = {.id = id, .partitions = {{0, 10}, {0, 20}}};
    cluster.groups["billing"] = {.committed = {{"orders", 0, 5}}};  // so that it is always read
    cluster.Poll();
    cluster.topics["orders"].partitions = {{2, 11}, {3, 27}};
    cluster.Poll();
    ASSERT_EQ(cluster.Stream("orders")->appended_total, 8U);
    cluster.topics["orders"].partitions.pop_back();
    cluster.Poll();
    const StreamReading& orders = *cluster.Stream("orders");
    EXPECT_EQ(orders.partition_count, id.known() ? 2U : 1U);
    EXPECT_EQ(orders.appended_total, id.known() ? std::nullopt : std::optional<std::uint64_t>(8))
        << "partition 1 was not read, if it is there at all";
    cluster.topics["orders"].partitions.push_back({3, 28});
    cluster.Poll();
    EXPECT_EQ(cluster.Stream("orders")->appended_total, id.known() ? 9U : 8U);
    EXPECT_EQ(cluster.Stream("orders")->removed_total, 5U);
  }
}

TEST(TopicSettingsTest, SettingsThatCannotBeReadAgainAreKeptForAWhile) {
  NameTable names(NameKind::kStream);
  TrackedTopic topic(names.Intern("orders"), 1);
  const Result<TopicSettings> refused = std::unexpected(Error{Reason::kUnauthorized, ""});
  const SteadyTime read_at{1h};
  topic.TakeSettings(TopicSettings{}, read_at, 30min);
  topic.TakeSettings(refused, read_at + 30min, 30min);
  EXPECT_TRUE(topic.settings);
  topic.TakeSettings(refused, read_at + 31min, 30min);
  EXPECT_FALSE(topic.settings);
  EXPECT_EQ(topic.settings_asked_at, read_at + 31min);
}

TEST_F(ReadingBuilderTest, AReCreationSeenByAPollThatFailedIsNotForgotten) {
  cluster_.Poll();
  cluster_.topics["orders"] = {.id = {1, 2}, .partitions = {{0, 50}, {0, 50}}};
  cluster_.FailedPoll();
  cluster_.Poll();
  EXPECT_EQ(Billing().lag, std::nullopt) << "4 and 20 were places in the former topic";
  EXPECT_TRUE(Billing().rewound);
}

TEST_F(ReadingBuilderTest, LossIsCountedOnceAndOnlyWhereItIsCertain) {
  cluster_.Poll();
  cluster_.Poll();
  cluster_.topics["orders"].partitions[0] = {8, 10};
  cluster_.Poll();
  EXPECT_EQ(Billing().lost_total, 0U) << "it may be committing them at this moment";
  cluster_.Poll();
  EXPECT_EQ(Billing().lost_total, 4U);
  cluster_.Poll();
  EXPECT_EQ(Billing().lost_total, 4U);
}

TEST_F(ReadingBuilderTest, ACommitInTheSameIntervalIsNoLoss) {
  cluster_.Poll();
  cluster_.Poll();
  cluster_.topics["orders"].partitions[0] = {8, 10};
  cluster_.Poll();
  cluster_.groups["billing"].committed[0].offset = 8;
  cluster_.Poll();
  cluster_.Poll();
  EXPECT_EQ(Billing().lost_total, 0U);
}

TEST_F(ReadingBuilderTest, WhatWentBeforeAGroupCameIsNotItsLoss) {
  cluster_.groups.clear();
  cluster_.Poll();
  cluster_.topics["orders"].partitions[0] = {8, 10};
  cluster_.Poll();
  cluster_.groups["billing"] = {.committed = {{"orders", 0, 0}}};
  for (int i = 0; i < 4; ++i) cluster_.Poll();
  EXPECT_EQ(Billing().lost_total, 0U);
  EXPECT_EQ(Billing().lag, 2U);
}

TEST_F(ReadingBuilderTest, LossIsNotKnownOnCompactedTopicsNorWithoutTheirSettings) {
  cluster_.Poll();
  EXPECT_EQ(Billing().lost_total, 0U);
  cluster_.topics["orders"].settings->compacts = true;
  cluster_.Poll();
  EXPECT_EQ(Billing().lost_total, std::nullopt);
  EXPECT_TRUE(Orders().compacted);
  cluster_.topics["orders"].settings.reset();
  cluster_.Poll();
  EXPECT_EQ(Billing().lost_total, std::nullopt);
}

TEST_F(ReadingBuilderTest, RetentionIsWhatTheSettingsProve) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  struct Row {
    std::optional<TopicSettings> settings;
    std::optional<double> seconds;
    bool unlimited;
    const char* reason;
  };
  const Row rows[] = {
      {TopicSettings{60'000, -1, true, false}, 60.0, false, "by time"},
      {TopicSettings{-1, -1, true, false}, kInfinite, true, "nothing is ever removed"},
      {TopicSettings{-1, 1000, true, false}, kInfinite, false, "size removes"},
      {TopicSettings{60'000, -1, false, true}, std::nullopt, false, "only compacted"},
      {TopicSettings{60'000, -1, true, true}, 60.0, false, "compacted, and deleted too"},
      {TopicSettings{-1, -1, true, true}, kInfinite, false, "compaction removes"},
      {TopicSettings{std::nullopt, -1, true, false}, std::nullopt, false, "not told"},
      {std::nullopt, std::nullopt, false, "we may not read the settings"},
  };
  for (const Row& row : rows) {
    cluster_.topics["orders"].settings = row.settings;
    cluster_.Poll();
    EXPECT_EQ(Orders().retention_seconds, row.seconds) << row.reason;
    EXPECT_EQ(Orders().retention_unlimited, row.unlimited) << row.reason;
  }
}

TEST(ReadingLimitsTest, TheFirstByNameStayWheneverTheyCame) {
  ScriptedCluster cluster(2, 2);
  cluster.topics["b"] = {.partitions = {{0, 1}}};
  cluster.topics["c"] = {.partitions = {{0, 1}}};
  for (const char* group : {"y", "z"}) cluster.groups[group] = {.committed = {{"b", 0, 0}}};
  cluster.Poll();
  EXPECT_EQ(cluster.topics_left_out(), 0U);
  cluster.topics["a"] = {.partitions = {{0, 1}}};
  cluster.groups["x"] = {.committed = {{"b", 0, 0}}};
  cluster.Poll();
  EXPECT_NE(cluster.Stream("a"), nullptr);
  EXPECT_NE(cluster.Stream("b"), nullptr);
  EXPECT_EQ(cluster.Stream("c"), nullptr);
  EXPECT_EQ(cluster.topics_left_out(), 1U);
  EXPECT_NE(cluster.GroupOn("b", "x"), nullptr);
  EXPECT_NE(cluster.GroupOn("b", "y"), nullptr);
  EXPECT_EQ(cluster.GroupOn("b", "z"), nullptr);
  EXPECT_EQ(cluster.groups_left_out(), 1U);
}

TEST(ReadingOrderTest, GroupsOfOneStreamStandTogetherInTheStreamsOrder) {
  ScriptedCluster cluster;
  for (const char* topic : {"a", "b", "c"}) cluster.topics[topic] = {.partitions = {{0, 1}}};
  for (const char* group : {"x", "y"}) {
    cluster.groups[group] = {.committed = {{"c", 0, 0}, {"a", 0, 0}}};
  }
  const Reading& reading = cluster.Poll();
  ASSERT_EQ(reading.groups.size(), 4U);
  const std::vector<std::pair<std::uint32_t, std::string>> expected = {
      {0, "x"}, {0, "y"}, {2, "x"}, {2, "y"}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(reading.groups[i].stream, expected[i].first);
    EXPECT_EQ(reading.groups[i].name->text(), expected[i].second);
  }
}

}  // namespace
}  // namespace streamgauge::kafka
