#include "signals/consumers.h"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

constexpr Duration kDeadAfter = std::chrono::minutes(10);

ConsumerReading Consumer(std::uint64_t pending, double idle, bool never_read = false) {
  return {.pending = pending, .idle_seconds = idle, .never_read = never_read};
}

GroupReading Listed(std::vector<ConsumerReading> consumers) {
  GroupReading group;
  group.consumer_count = consumers.size();
  group.consumers = std::move(consumers);
  group.consumers_listed = true;
  return group;
}

TEST(Consumers, AreCountedByTheFirstStateThatApplies) {
  const GroupReading group = Listed({
      Consumer(0, 3),          // active
      Consumer(5, 600),        // active: just within dead_after
      Consumer(0, 3, true),    // active: asks, though it never got anything
      Consumer(5, 601),        // dead with pending
      Consumer(0, 601),        // idle
      Consumer(0, 601, true),  // never read
  });
  const auto states = CountConsumers(group, kDeadAfter);
  ASSERT_TRUE(states);
  EXPECT_EQ(states->active, 3U);
  EXPECT_EQ(states->dead_with_pending, 1U);
  EXPECT_EQ(states->idle, 1U);
  EXPECT_EQ(states->never_read, 1U);
}

TEST(Consumers, MembersAreActiveAndNothingElseIsKnownOfThem) {
  GroupReading group;
  group.members = 4;
  const auto states = CountConsumers(group, kDeadAfter);
  EXPECT_EQ(states->active, 4U);
  EXPECT_TRUE(states->members_only);
}

TEST(Consumers, NoneIsKnownWithoutAList) {
  GroupReading group;
  group.consumer_count = 0;
  EXPECT_EQ(CountConsumers(group, kDeadAfter)->active, 0U);
}

TEST(Consumers, AnIncompleteListIsAbsentNotZero) {
  GroupReading group = Listed({Consumer(0, 3)});
  group.consumers_listed = false;
  group.consumer_count = 20'000;
  EXPECT_FALSE(CountConsumers(group, kDeadAfter));
  EXPECT_FALSE(QuietSeconds(group));
  EXPECT_EQ(LargestHolder(group), nullptr);
}

TEST(Consumers, AnUnknownIdleTimeMakesTheCountUnknown) {
  GroupReading group = Listed({Consumer(0, 3), Consumer(1, 3)});
  group.consumers[1].idle_seconds.reset();
  EXPECT_FALSE(CountConsumers(group, kDeadAfter));
  EXPECT_FALSE(QuietSeconds(group));
}

TEST(Consumers, AttemptsAreKnownWhereSuccessesAreToldApart) {
  GroupReading group;
  EXPECT_TRUE(KnowsAttempts(group)) << "nobody's is unknown";
  group.consumers = {{.idle_seconds = 700}, {.idle_seconds = 800}};
  EXPECT_FALSE(KnowsAttempts(group));
  group.consumers[1].never_read = true;
  EXPECT_TRUE(KnowsAttempts(group));
  group.consumers[1] = {.idle_seconds = 800, .inactive_seconds = 900};
  EXPECT_TRUE(KnowsAttempts(group));
}

TEST(Consumers, QuietIsSinceAnyOfThemAsked) {
  EXPECT_EQ(QuietSeconds(Listed({Consumer(0, 700), Consumer(0, 42), Consumer(0, 90)})), 42);
  EXPECT_FALSE(QuietSeconds(Listed({})));
}

TEST(Consumers, TheLargestHolderHoldsSomething) {
  const GroupReading group = Listed({Consumer(1, 0), Consumer(17, 0), Consumer(3, 0)});
  EXPECT_EQ(LargestHolder(group), &group.consumers[1]);
  EXPECT_EQ(LargestHolder(Listed({Consumer(0, 0)})), nullptr);
}

}  // namespace
}  // namespace streamgauge
