#include "redis/consumer_lists.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <vector>

#include "redis/poll_work.h"

namespace streamgauge {
namespace {

using std::chrono::seconds;

const WallTime kNow = FromUnixMillis(1'700'000'000'000);

// Groups with two consumers each, as polls come to them.
class ConsumerLists : public testing::Test {
 protected:
  explicit ConsumerLists(std::size_t groups = 2000) : states_(groups) {
    work_.time = kNow;
    work_.groups.resize(groups);
    for (std::size_t i = 0; i < groups; ++i) {
      work_.groups[i].state = &states_[i];
      work_.groups[i].moment.group.consumers = 2;
    }
  }

  // The indices of the groups that are listed `after` the last poll; lists them.
  std::vector<std::size_t> PollAfter(Duration after) {
    work_.since_last_poll = after;
    *work_.time += after;
    for (GroupWork& group : work_.groups) group.list_consumers = false;
    ChooseLists(work_, 100);
    std::vector<std::size_t> listed;
    for (std::size_t i = 0; i < work_.groups.size(); ++i) {
      if (!work_.groups[i].list_consumers) continue;
      listed.push_back(i);
      states_[i].list = ConsumerList{
          .at = *work_.time, .members = work_.groups[i].moment.group.consumers, .whole = true};
    }
    return listed;
  }

  std::deque<GroupState> states_;
  PollWork work_;
};

TEST_F(ConsumerLists, AllAreReadAtFirstAndAThirdInEachPollOfTenSeconds) {
  EXPECT_EQ(PollAfter(seconds(0)).size(), 2000U);
  std::vector<int> times(2000);
  for (int poll = 0; poll < 3; ++poll) {
    const auto listed = PollAfter(seconds(10));
    EXPECT_NEAR(static_cast<double>(listed.size()), 667, 1);
    for (const std::size_t group : listed) ++times[group];
  }
  EXPECT_GE(std::ranges::count(times, 1), 1998) << "the oldest first: everybody once";
}

TEST_F(ConsumerLists, SomeAreAlwaysRead) {
  PollAfter(seconds(0));
  EXPECT_EQ(PollAfter(seconds(1)).size(), 500U) << "a small target has fresh lists in every poll";
}

TEST_F(ConsumerLists, AListThatDoesNotFitIsReadAtOnce) {
  PollAfter(seconds(0));
  PollAfter(seconds(1));
  work_.groups[7].moment.group.consumers = 3;  // one came
  work_.groups[8].state->list.reset();         // the group was made anew
  const auto listed = PollAfter(seconds(1));
  EXPECT_TRUE(std::ranges::binary_search(listed, 7U));
  EXPECT_TRUE(std::ranges::binary_search(listed, 8U));
}

TEST_F(ConsumerLists, GroupsWithoutConsumersOrWithTooManyAreNeverRead) {
  work_.groups[0].moment.group.consumers = 0;
  work_.groups[1].moment.group.consumers = 101;
  work_.groups[2].moment.group.consumers = 100;
  const auto listed = PollAfter(seconds(0));
  EXPECT_EQ(listed.front(), 2U);
}

TEST_F(ConsumerLists, AClockThatWentBackMakesListsUseless) {
  PollAfter(seconds(0));
  EXPECT_EQ(PollAfter(seconds(-60)).size(), 2000U);
}

TEST(ConsumerListTest, IsUsableWhileItFitsAndIsNotTooOld) {
  const std::optional<ConsumerList> list = ConsumerList{.at = kNow, .members = 2, .whole = true};
  EXPECT_TRUE(IsUsable(list, 2, kNow));
  EXPECT_TRUE(IsUsable(list, 2, kNow + seconds(120)));
  EXPECT_FALSE(IsUsable(list, 2, kNow + seconds(121))) << "nobody came to renew it";
  EXPECT_FALSE(IsUsable(list, 2, kNow - seconds(1))) << "of the future";
  EXPECT_FALSE(IsUsable(list, 1, kNow)) << "a consumer went";
  EXPECT_FALSE(IsUsable(std::nullopt, 2, kNow));
}

}  // namespace
}  // namespace streamgauge
