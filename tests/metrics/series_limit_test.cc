#include "metrics/series_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "metrics/exposition.h"
#include "metrics/scrape.h"
#include "support/sample_board.h"

namespace streamgauge {
namespace {

using test::SeriesOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// Ten groups on two topics, in no order of badness: group i has lag 7 * i % 10 and ten partitions.
Report TenGroups() {
  Report report;
  for (const char* name : {"a", "b"}) {
    StreamReading stream;
    stream.name = test::StreamName(name);
    stream.length = 10;
    for (int p = 0; p < 10; ++p) stream.partitions.push_back({.partition = p, .end_offset = 1});
    report.reading.streams.push_back(std::move(stream));
  }
  for (std::uint32_t i = 0; i < 10; ++i) {
    GroupReading group;
    group.stream = i / 5;
    group.name = test::GroupName("g" + std::to_string(i));
    group.lag = i * 7 % 10;
    group.lag_seconds = 0;
    for (int p = 0; p < 10; ++p) group.partitions.push_back({.partition = p, .lag = 1});
    report.reading.groups.push_back(std::move(group));
    report.groups.push_back({.state = GroupState::kOk});
  }
  return report;
}

// Items: 2 streams of 1, 10 groups of 4 (lag, its source and age, state). Details: 20 and 100.
constexpr std::uint64_t kItems = 2 + 10 * 4;
constexpr std::uint64_t kAll = kItems + 20 + 100;

std::shared_ptr<TargetView> Limited(Report report, std::uint64_t max_series) {
  auto view = test::SampleTarget("kafka", "t", std::move(report));
  view->max_series = max_series;
  return view;
}

std::string ScrapeOf(const TargetViewRef& view) {
  Board board;
  AgentMetrics agent("v", "r");
  Exposition exposition(board, agent);
  board.Publish(view);
  return test::Scrape(exposition);
}

std::uint64_t CountSeries(const std::string& page) {
  std::uint64_t count = 0;
  for (const std::string& line : test::Lines(page)) {
    if (line.find("stream=") != std::string::npos) ++count;
  }
  return count;
}

TEST(SeriesLimitTest, NothingIsCutAtTheLimit) {
  EXPECT_EQ(CountSeries(ScrapeOf(Limited(TenGroups(), kAll))), kAll);
  EXPECT_EQ(CutSeries(*Limited(TenGroups(), kAll)).series, 0U);
}

TEST(SeriesLimitTest, StreamsOfAnotherShardCostNothing) {
  Report report = TenGroups();
  for (StreamReading& stream : report.reading.streams) stream.exported = false;
  constexpr std::uint64_t kGroups = 10 * 4 + 100;
  EXPECT_EQ(CutSeries(*Limited(report, kGroups)).series, 0U);
  EXPECT_EQ(CutSeries(*Limited(report, kGroups - 1)).series, 10U) << "the partitions of a group";
}

TEST(SeriesLimitTest, NeverMoreThanTheLimitAndTheRestIsCounted) {
  for (std::uint64_t limit = 0; limit <= kAll; ++limit) {
    const TargetViewRef view = Limited(TenGroups(), limit);
    const std::string page = ScrapeOf(view);
    const std::uint64_t shown = CountSeries(page);
    EXPECT_LE(shown, limit);
    const std::uint64_t cut = kAll - shown;
    EXPECT_EQ(CutSeries(*view).series, cut);
    const auto counted = SeriesOf(page, "streamgauge_items_skipped");
    if (cut == 0) continue;
    ASSERT_THAT(counted, SizeIs(1));
    EXPECT_EQ(
        counted[0],
        R"(streamgauge_items_skipped{system="kafka",target="t",kind="series",reason="limit"} )" +
            std::to_string(cut));
  }
}

TEST(SeriesLimitTest, DetailsGoBeforeGroups) {
  const std::string page = ScrapeOf(Limited(TenGroups(), kItems));
  EXPECT_EQ(CountSeries(page), kItems);
  EXPECT_THAT(SeriesOf(page, "streamgauge_group_lag"), SizeIs(10));
  EXPECT_THAT(SeriesOf(page, "streamgauge_group_partition_lag"), SizeIs(0));
}

TEST(SeriesLimitTest, DetailsOfTheWorstGroupsAreKept) {
  const std::string page = ScrapeOf(Limited(TenGroups(), kItems + 25));
  std::set<std::string> groups;
  for (const std::string& line : SeriesOf(page, "streamgauge_group_partition_lag")) {
    groups.insert(line.substr(line.find("group=\"") + 7, 2));
  }
  EXPECT_THAT(groups, ElementsAre("g4", "g7")) << "those with lags of 8 and 9";
}

TEST(SeriesLimitTest, TheWorstGroupsAreKept) {
  struct Case {
    const char* kept;
    const char* reason;
    void (*make_worst)(Report&);
  };
  const Case cases[] = {
      {"g7", "the highest lag, all else equal", [](Report&) {}},
      {"g2", "an age weighs more than a lag",
       [](Report& r) { r.reading.groups[2].lag_seconds = 1; }},
      {"g3", "a verdict weighs more than an age",
       [](Report& r) {
         r.reading.groups[2].lag_seconds = 1e6;
         r.groups[3].state = GroupState::kLosingData;
       }},
      {"g5", "unknown is worse than ok",
       [](Report& r) { r.groups[5].state = GroupState::kUnknown; }},
  };
  for (const Case& c : cases) {
    Report report = TenGroups();
    c.make_worst(report);
    const std::string page = ScrapeOf(Limited(std::move(report), 5));
    ASSERT_THAT(SeriesOf(page, "streamgauge_group_lag"), SizeIs(1)) << c.reason;
    EXPECT_THAT(SeriesOf(page, "streamgauge_group_lag")[0],
                HasSubstr(std::string("group=\"") + c.kept))
        << c.reason;
    EXPECT_THAT(SeriesOf(page, "streamgauge_stream_length"), SizeIs(1)) << "with its stream";
  }
}

TEST(SeriesLimitTest, ABetterGroupNeverTakesThePlaceOfAWorseOne) {
  Report report = TenGroups();
  report.groups[7].state = GroupState::kStalled;
  // Three series more than the others have.
  report.reading.groups[7].pending = 1;
  report.reading.groups[7].max_deliveries = 1;
  report.reading.groups[7].pending_trimmed = 0;
  const TargetViewRef view = Limited(std::move(report), 7);
  EXPECT_THAT(SeriesOf(ScrapeOf(view), "streamgauge_group_lag"), SizeIs(0))
      << "one of the others would have fitted";
}

TEST(SeriesLimitTest, NoDetailIsShownWhileAGroupIsCut) {
  Report report = TenGroups();
  report.reading.groups[4].partitions.resize(1);
  const std::string page = ScrapeOf(Limited(std::move(report), kItems - 1));
  EXPECT_THAT(SeriesOf(page, "streamgauge_group_lag"), SizeIs(9));
  EXPECT_THAT(page, testing::Not(HasSubstr("partition=")));
}

TEST(SeriesLimitTest, TheSameReportIsCutTheSameWay) {
  const TargetViewRef view = Limited(TenGroups(), 50);
  EXPECT_EQ(CountSeries(ScrapeOf(view)), CountSeries(ScrapeOf(view)));
  EXPECT_EQ(SeriesOf(ScrapeOf(view), "streamgauge_group_lag"),
            SeriesOf(ScrapeOf(view), "streamgauge_group_lag"));
}

TEST(SeriesLimitTest, PartitionsThatDetailGroupLeavesOutDoNotCount) {
  auto view = Limited(TenGroups(), kItems);
  view->partition_detail = false;
  EXPECT_EQ(CutSeries(*view).series, 0U);
}

}  // namespace
}  // namespace streamgauge
