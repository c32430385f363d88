#include "kafka/watched_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace streamgauge::kafka {
namespace {

using namespace std::chrono_literals;

class WatchedGroupsTest : public testing::Test {
 protected:
  void List(std::vector<GroupListing> listings, const std::set<std::int32_t>& silent = {}) {
    groups_.BeginPoll();
    groups_.TakeListings(std::move(listings), silent, now_);
  }
  // All due groups are described as they are.
  std::vector<std::string> DescribeDue() {
    std::vector<std::string> names;
    for (const std::size_t index : groups_.DueForDescription(now_)) {
      names.push_back(groups_.queries()[index].group);
      groups_.TakeDescription(index, {}, now_, [](const std::string&) { return nullptr; });
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  NameFilter filter_;
  WatchedGroups groups_{filter_, 100'000};
  SteadyTime now_{1h};
};

TEST_F(WatchedGroupsTest, EveryGroupIsWatchedByOneShard) {
  std::vector<GroupListing> listings;
  for (int i = 0; i < 30; ++i) {
    listings.push_back({"g" + std::to_string(i), MembersState::kStable, 1});
  }
  std::multiset<std::string> watched;
  for (std::uint32_t index = 0; index < 3; ++index) {
    WatchedGroups part(filter_, 20, Shard{.index = index, .total = 3});
    part.BeginPoll();
    part.TakeListings(listings, {}, now_);
    EXPECT_EQ(part.left_out(), 0U) << "the limit is of what is the shard's own";
    for (const GroupQuery& query : part.queries()) watched.insert(query.group);
  }
  EXPECT_EQ(watched.size(), 30U);
  EXPECT_EQ(std::set<std::string>(watched.begin(), watched.end()).size(), 30U) << "none twice";
}

TEST_F(WatchedGroupsTest, WhoListsAGroupCoordinatesIt) {
  List({{"a", MembersState::kEmpty, 3}, {"b", MembersState::kEmpty, 1}});
  ASSERT_EQ(groups_.queries().size(), 2U);
  EXPECT_EQ(groups_.queries()[0].coordinator, 3);
  EXPECT_EQ(groups_.queries()[1].coordinator, 1);
}

TEST_F(WatchedGroupsTest, AMissingGroupIsLookedUpUnlessItsCoordinatorIsSilent) {
  List({{"a", MembersState::kEmpty, 3}, {"b", MembersState::kEmpty, 1}});
  List({}, {3});
  ASSERT_EQ(groups_.queries().size(), 2U);
  EXPECT_EQ(groups_.queries()[0].coordinator, 3) << "no second wait for the same broker";
  EXPECT_EQ(groups_.queries()[1].coordinator, std::nullopt) << "it may have moved";
}

TEST_F(WatchedGroupsTest, MembersAreAskedForWhenTheStateChangesAndAtAPaceOtherwise) {
  const auto stable = [](const char* name) { return GroupListing{name, MembersState::kStable, 1}; };
  List({stable("a"), stable("b"), {"empty", MembersState::kEmpty, 1}});
  EXPECT_EQ(DescribeDue(), (std::vector<std::string>{"a", "b"})) << "an empty group has no members";
  now_ += 10s;
  List({stable("a"), {"b", MembersState::kPreparingRebalance, 1}});
  EXPECT_EQ(DescribeDue(), std::vector<std::string>{"b"});
  now_ += 20s;
  List({stable("a"), {"b", MembersState::kPreparingRebalance, 1}});
  EXPECT_EQ(DescribeDue(), std::vector<std::string>{"a"}) << "30 s are over";
}

TEST_F(WatchedGroupsTest, OfManyGroupsAPartIsAskedForAndAllHaveTheirTurn) {
  std::vector<GroupListing> listings;
  for (int i = 0; i < 3000; ++i) {
    listings.push_back({"g" + std::to_string(i), MembersState::kStable, 1});
  }
  std::set<std::string> asked;
  for (int poll = 0; poll < 30; ++poll) {
    List(listings);
    const auto names = DescribeDue();
    EXPECT_EQ(names.size(), 100U);
    asked.insert(names.begin(), names.end());
    now_ += 10s;
  }
  EXPECT_EQ(asked.size(), 3000U);
}

}  // namespace
}  // namespace streamgauge::kafka
