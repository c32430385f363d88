#include "signals/removal.h"

#include <gtest/gtest.h>

#include <optional>

namespace streamgauge {
namespace {

constexpr Tick kWindow = 300'000;

// A partition whose start offset is at `starts[i]` at minute i.
StartTrack Moved(std::initializer_list<std::int64_t> starts) {
  StartTrack track(0);
  Tick now = 0;
  for (const std::int64_t start : starts) {
    track.Observe(start, now, kWindow);
    now += 60'000;
  }
  return track;
}
constexpr Tick Minutes(Tick minutes) { return minutes * 60'000; }

TEST(StartTrack, OneJumpIsNoRate) {
  EXPECT_FALSE(Moved({0, 0, 0}).RemovalRate(Minutes(2)));
  EXPECT_FALSE(Moved({0, 0, 600}).RemovalRate(Minutes(2)));
}

TEST(StartTrack, TheRateIsTakenBetweenJumps) {
  // 600 at minute 2, 600 more at minute 4: 600 in 2 minutes, not 1,200 in 4.
  EXPECT_DOUBLE_EQ(Moved({0, 0, 600, 600, 1200}).RemovalRate(Minutes(4)).value(), 5);
}

TEST(StartTrack, AnOverdueJumpMakesItSlower) {
  const StartTrack track = Moved({0, 0, 600, 600, 1200});
  EXPECT_DOUBLE_EQ(track.RemovalRate(Minutes(6)).value(), 5) << "due just now";
  EXPECT_DOUBLE_EQ(track.RemovalRate(Minutes(14)).value(), 1) << "8 minutes overdue";
}

TEST(StartTrack, OldJumpsAreForgotten) {
  // 1,000 a minute for a while, then 60.
  StartTrack track = Moved({0, 1000, 2000, 3000, 4000, 5000, 6000});
  Tick now = Minutes(7);
  for (std::int64_t start = 6060; start <= 7200; start += 60, now += 60'000) {
    track.Observe(start, now, kWindow);
  }
  EXPECT_DOUBLE_EQ(track.RemovalRate(now - 60'000).value(), 1);
}

TEST(StartTrack, AnOffsetThatFallsIsAnotherPartition) {
  EXPECT_FALSE(Moved({0, 600, 1200, 0, 600}).RemovalRate(Minutes(4)));
}

// One partition in which 10 records a second are removed, and a group on it.
class Approach : public testing::Test {
 protected:
  // The group's committed offset `before` (150 s ago) and now; the start offset moves from 0 to
  // 1,500 meanwhile.
  std::optional<double> Seconds(std::int64_t before, std::int64_t now, bool approached = false,
                                std::optional<std::int64_t> lag = 100) {
    CommitTrack commits;
    StartTrack start(0);
    for (Tick second = 0; second <= 150; second += 10) {
      const auto removed = second * 10;
      start.Observe(removed, second * 1000, kWindow);
      const std::vector<PartitionReading> stream{{.partition = 0, .start_offset = removed}};
      const std::int64_t committed = second == 150 ? now : before;
      commits.Observe({{{.partition = 0, .committed_offset = committed}}}, stream, second * 1000,
                      kWindow);
    }
    const std::vector<PartitionReading> stream{{.partition = 0, .start_offset = 1500}};
    const std::vector<GroupPartitionReading> group{
        {.partition = 0, .committed_offset = now, .lag = lag}};
    const std::vector<StartTrack> starts{start};
    return SecondsToRemoval(group, commits, stream, starts, approached, 150'000);
  }
};

TEST_F(Approach, AGroupThatStandsStillIsReachedAtTheRemovalsRate) {
  EXPECT_NEAR(Seconds(10'000, 10'000).value(), 850, 1);
}

TEST_F(Approach, ASlowGroupIsReachedAtTheDifference) {
  // 6 a second committed: 4 a second nearer, 8,500 + 900 away.
  EXPECT_NEAR(Seconds(10'000, 10'900).value(), 2350, 5);
}

TEST_F(Approach, AGroupThatIsFasterIsNotReached) { EXPECT_FALSE(Seconds(10'000, 11'600)); }

TEST_F(Approach, NothingUnreadIsNotReached) { EXPECT_FALSE(Seconds(10'000, 10'000, false, 0)); }

TEST_F(Approach, AnUnknownLagIsNotReached) {
  EXPECT_FALSE(Seconds(10'000, 10'000, false, std::nullopt));
}

TEST_F(Approach, AGroupThatWentBackHasNoPast) { EXPECT_FALSE(Seconds(10'000, 9'000)); }

TEST_F(Approach, RemovalThatFollowsTheGroupIsNoThreat) {
  // Nearer than what it reads in the time, both then and now.
  EXPECT_FALSE(Seconds(200, 1'600));
}

TEST_F(Approach, RemovalThatCameFromAfarIsOneToTheEnd) {
  EXPECT_NEAR(Seconds(200, 1'600, true).value(), 100 / (10 - 1400.0 / 150), 5);
}

TEST(CommitTrack, HasNoPastUntilHalfAWindow) {
  CommitTrack commits;
  const std::vector<PartitionReading> stream{{.partition = 0, .start_offset = 0}};
  const std::vector<GroupPartitionReading> group{{.partition = 0, .committed_offset = 5}};
  commits.Observe(group, stream, 0, kWindow);
  EXPECT_EQ(commits.Earlier(0, 0), nullptr);
  commits.Observe(group, stream, 149'000, kWindow);
  EXPECT_EQ(commits.Earlier(0, 0), nullptr);
  commits.Observe(group, stream, 150'000, kWindow);
  ASSERT_NE(commits.Earlier(0, 0), nullptr);
  EXPECT_EQ(commits.EarlierSeconds(160'000), 160);
}

TEST(CommitTrack, AnotherPartitionAtTheSameIndexHasNoPast) {
  CommitTrack commits;
  const std::vector<PartitionReading> stream{{.partition = 0, .start_offset = 0},
                                             {.partition = 1, .start_offset = 0}};
  for (const Tick now : {0, 150'000}) {
    commits.Observe({{{.partition = 0, .committed_offset = 5}}}, stream, now, kWindow);
  }
  EXPECT_NE(commits.Earlier(0, 0), nullptr);
  EXPECT_EQ(commits.Earlier(0, 1), nullptr);
  EXPECT_EQ(commits.Earlier(1, 1), nullptr);
}

TEST(FindPartition, FindsThemWhereSomeAreMissing) {
  const std::vector<PartitionReading> partitions{
      {.partition = 0}, {.partition = 2}, {.partition = 7}};
  EXPECT_EQ(FindPartition(partitions, 0), &partitions[0]);
  EXPECT_EQ(FindPartition(partitions, 2), &partitions[1]);
  EXPECT_EQ(FindPartition(partitions, 7), &partitions[2]);
  EXPECT_EQ(FindPartition(partitions, 1), nullptr);
  EXPECT_EQ(FindPartition(partitions, 8), nullptr);
}

}  // namespace
}  // namespace streamgauge
