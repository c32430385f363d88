#include "kafka/watched_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace streamgauge::kafka {
namespace {

using namespace std::chrono_literals;

class WatchedGroupsTest : public testing::Test {
 protected:
  explicit WatchedGroupsTest(std::uint32_t limit = 100'000) : groups_(filter_, limit) {}
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
  WatchedGroups groups_;
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

// One group that has committed on one topic, which is always there and read.
class AwayGroupTest : public WatchedGroupsTest {
 protected:
  static constexpr Duration kStaleAfter = 30s;

  explicit AwayGroupTest(std::uint32_t limit = 100'000) : WatchedGroupsTest(limit) {
    topic_.Describe({.id = {1, 1}, .partitions = {{.partition = 0, .leader = 1}}}, now_);
  }
  // What the groups have committed is read where `offset` is one; an error is that of all others.
  void Poll(const std::vector<GroupListing>& listings, std::optional<Offset> offset,
            Reason error = Reason::kUnavailable, std::uint64_t rebalances = 0) {
    now_ += 10s;
    topic_.BeginPoll();
    List(listings);
    asked_ = groups_.queries().size();
    for (std::size_t i = 0; i < asked_; ++i) {
      if (offset) {
        const GroupOffsets offsets = {{"orders", {{0, *offset}}, commits_, {}}};
        groups_.TakeCommitted(i, *offset < 0 ? GroupOffsets{} : offsets, by_, now_,
                              [this](const std::string&) { return &topic_; });
        groups_.TakeFollowed(i, {.rebalances = rebalances});
      } else {
        groups_.TakeCommittedError(i, {error, ""});
      }
    }
    topic_.partitions[0].StageOffsets(0, 1000, now_);
    topic_.partitions[0].StageStable(1000);
    topic_.Describe({.id = {1, 1}, .partitions = {{.partition = 0, .leader = 1}}}, now_);
    topic_.TakeStaged();
    groups_.Settle(now_, kStaleAfter);
  }
  const TrackedGroup* Find(const std::string& name) const {
    const auto found = groups_.all().find(name);
    return found == groups_.all().end() ? nullptr : &found->second;
  }
  std::optional<std::uint64_t> Delivered(const std::string& name) const {
    return Find(name)->topics.at(0).partitions.at(0).commit.delivered();
  }

  TrackedTopic topic_{std::make_shared<Name>(NameKind::kStream, "orders"), 1};
  std::uint64_t commits_ = 0;
  AnsweredBy by_ = AnsweredBy::kCoordinator;
  std::size_t asked_ = 0;  // groups, in the last poll
};

const GroupListing kListed{"billing", MembersState::kEmpty, 1};

// It answers by what all replicas have, which for a moment is less than its predecessor has said.
TEST_F(AwayGroupTest, AStepBackIsNotBelievedOfACoordinatorThatHasJustTakenOver) {
  const GroupListing moved{"billing", MembersState::kEmpty, 2};
  const auto lag = [&] { return Find("billing")->topics.at(0).partitions.at(0).lag; };
  const auto rewound = [&] {
    return Find("billing")->topics.at(0).partitions.at(0).commit.Rewound(now_);
  };
  Poll({kListed}, 100);
  Poll({kListed}, 150);
  Poll({moved}, 120);
  EXPECT_FALSE(Find("billing")->read) << "as if nobody had answered";
  EXPECT_TRUE(Find("billing")->needs_offsets) << "to be told again";
  EXPECT_EQ(lag(), 850U);
  EXPECT_FALSE(rewound());
  Poll({moved}, 150);
  EXPECT_TRUE(Find("billing")->read);
  EXPECT_EQ(Delivered("billing"), 50U) << "nothing twice";
  Poll({}, 120);
  EXPECT_EQ(lag(), 850U) << "nobody lists it: whoever answers has it from somebody else";
  by_ = AnsweredBy::kAnother;
  Poll({moved}, 120);
  EXPECT_EQ(lag(), 850U) << "it has moved since it was listed";
  by_ = AnsweredBy::kCoordinator;
  Poll({kListed}, 160);
  EXPECT_EQ(lag(), 840U) << "a step on is news at once";
  Poll({kListed}, 120);
  EXPECT_EQ(lag(), 880U) << "after a while a step back is one";
  EXPECT_TRUE(rewound());
}

TEST_F(AwayGroupTest, WhenItIsBackItsTotalsGoOn) {
  Poll({kListed}, 100);
  commits_ = 7;
  Poll({kListed}, 150, {}, 3);
  for (int i = 0; i < 3; ++i) Poll({}, std::nullopt);
  EXPECT_FALSE(Find("billing")->away) << "its last figures count still";
  for (int i = 0; i < 200; ++i) Poll({}, std::nullopt);
  EXPECT_TRUE(Find("billing")->away);
  commits_ = 1;  // who follows it has begun anew
  Poll({kListed}, 170, {}, 1);
  ASSERT_FALSE(Find("billing")->away);
  EXPECT_EQ(Delivered("billing"), 70U);
  EXPECT_EQ(Find("billing")->topics[0].commits.total(), 7U);
  EXPECT_EQ(Find("billing")->rebalances, 4U);
  commits_ = 3;
  Poll({kListed}, 180, {}, 2);
  EXPECT_EQ(Delivered("billing"), 80U);
  EXPECT_EQ(Find("billing")->topics[0].commits.total(), 9U);
  EXPECT_EQ(Find("billing")->rebalances, 5U);
}

TEST_F(AwayGroupTest, ItsMembersAreAskedForAgain) {
  const GroupListing stable{"billing", MembersState::kStable, 1};
  Poll({stable}, 100);
  EXPECT_EQ(DescribeDue().size(), 1U);
  EXPECT_TRUE(DescribeDue().empty());
  for (int i = 0; i < 5; ++i) Poll({}, std::nullopt);
  Poll({stable}, 100);
  EXPECT_EQ(DescribeDue().size(), 1U);
}

TEST_F(AwayGroupTest, ItIsForgottenOnceItsCoordinatorKnowsNothingOfIt) {
  for (const bool by_error : {true, false}) {
    Poll({kListed}, 100);
    for (int i = 0; i < 5; ++i) Poll({}, std::nullopt);
    ASSERT_TRUE(Find("billing")->away);
    if (by_error) {
      Poll({}, std::nullopt, Reason::kNotFound);
    } else {
      Poll({}, -1);
    }
    EXPECT_EQ(Find("billing"), nullptr);
  }
}

TEST_F(AwayGroupTest, ItIsForgottenWhereTheRightToReadItWasTaken) {
  Poll({kListed}, 100);
  for (int i = 0; i < 5; ++i) Poll({}, std::nullopt, Reason::kUnauthorized);
  EXPECT_EQ(Find("billing"), nullptr);
}

TEST_F(AwayGroupTest, ManyAreAskedForByTurnsAndOnce) {
  std::vector<GroupListing> listings;
  listings.reserve(120);
  for (int i = 0; i < 120; ++i) {
    listings.push_back({"g" + std::to_string(i), MembersState::kEmpty, 1});
  }
  Poll(listings, 100);
  for (int i = 0; i < 5; ++i) Poll({kListed}, std::nullopt);
  std::set<std::string> turns;
  for (int i = 0; i < 3; ++i) {
    Poll({kListed}, std::nullopt);
    EXPECT_EQ(asked_, 51U);
    for (const GroupQuery& query : groups_.queries()) {
      EXPECT_EQ(query.away, query.group != "billing");
      turns.insert(query.group);
    }
  }
  EXPECT_EQ(turns.size(), 121U);
}

class AwayGroupsWithLimit : public AwayGroupTest {
 protected:
  AwayGroupsWithLimit() : AwayGroupTest(2) {}
};

TEST_F(AwayGroupsWithLimit, MakeRoomForThoseInSight) {
  Poll({{"a", MembersState::kEmpty, 1}, {"b", MembersState::kEmpty, 1}}, 100);
  for (int i = 0; i < 5; ++i) Poll({}, std::nullopt);
  Poll({{"c", MembersState::kEmpty, 1}}, std::nullopt);
  EXPECT_NE(Find("a"), nullptr);
  EXPECT_EQ(Find("b"), nullptr) << "the first by name stays";
  EXPECT_NE(Find("c"), nullptr);
}

}  // namespace
}  // namespace streamgauge::kafka
