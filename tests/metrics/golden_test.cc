// The whole page for a board on which every metric has a series, kept in tests/golden.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "metrics/board_metrics.h"
#include "metrics/exposition.h"
#include "metrics/golden_file.h"
#include "metrics/own_metrics.h"
#include "metrics/scrape.h"
#include "support/metrics_page.h"
#include "support/process.h"
#include "support/require.h"
#include "support/sample_board.h"
#include "support/temp_dir.h"

namespace streamgauge {
namespace {

// Values that differ from one run to the next.
std::string WithoutMeasurements(const std::string& page) {
  static const std::regex kMeasured("((process_|streamgauge_scrape_duration)[^ \n]*) [^\n]+");
  std::string stable;
  for (const std::string& line : test::Lines(page)) {
    stable += test::IsSeries(line) ? std::regex_replace(line, kMeasured, "$1 MEASURED") : line;
    stable += '\n';
  }
  return stable;
}

class GoldenTest : public testing::Test {
 protected:
  GoldenTest() {
    test::FillSampleBoard(board_);
    agent_.ConfigReloaded(true, test::SampleTime());
    Telemetry telemetry;
    telemetry.requests = {{"time", 2}, {"xinfo_stream", 2}};
    telemetry.round_trips = 3;
    telemetry.received_bytes = 4096;
    telemetry.clock_clamps = 1;
    telemetry.verifications_agreed = 5;
    telemetry.item_errors = {{"wrong_type", 1}};
    redis_->PollEnded(std::chrono::milliseconds(15), nullptr, telemetry);
    const Error error{Reason::kUnavailable, "refused"};
    redis_->PollEnded(std::chrono::milliseconds(2), &error, telemetry);
    Telemetry of_kafka;
    of_kafka.feed_mismatches = 0;
    kafka_->PollEnded(std::chrono::milliseconds(30), nullptr, of_kafka);
  }

  Board board_;
  AgentMetrics agent_{"1.2.3", "0123abc"};
  std::unique_ptr<TargetMetrics> redis_ = agent_.ForTarget("redis", "checkout");
  std::unique_ptr<TargetMetrics> kafka_ = agent_.ForTarget("kafka", "events");
  Exposition exposition_{board_, agent_};
};

TEST_F(GoldenTest, ThePageIsTheOneThatWasLookedAt) {
  test::ExpectGolden("tests/golden/metrics.txt", WithoutMeasurements(test::Scrape(exposition_)));
}

TEST_F(GoldenTest, TheOpenMetricsPageIsTheOneThatWasLookedAt) {
  test::ExpectGolden(
      "tests/golden/openmetrics.txt",
      WithoutMeasurements(test::Scrape(exposition_, ExpositionFormat::kOpenMetrics)));
}

TEST_F(GoldenTest, ItHasEveryMetricOfTheTables) {
  const std::string page = test::Scrape(exposition_);
  const auto expect = [&page](const Metric& metric) {
    EXPECT_THAT(page, testing::HasSubstr("# TYPE " + std::string(metric.name) + ' '))
        << "give it a value in tests/support/sample_board.h or in this test";
  };
  for (const auto& row : TargetRows()) expect(row.metric);
  for (const auto& row : StreamRows()) expect(row.metric);
  for (const auto& row : GroupRows()) expect(row.metric);
  for (const Metric* metric : own::kMetrics) expect(*metric);
}

TEST_F(GoldenTest, PromtoolFindsNothingToComplainAbout) {
  STREAMGAUGE_REQUIRE(test::FindProgram("promtool"), "promtool: run tools/setup.sh test");
  const test::TempDir folder("scrape");
  const auto file = folder.Write("metrics.txt", test::Scrape(exposition_));
  const test::Finished done =
      test::RunToEnd({.argv = {"sh", "-c", "promtool check metrics < \"$0\"", file.string()}});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.out + done.err, "");
}

TEST_F(GoldenTest, AnIndependentParserReadsEverySeries) {
  const std::string page = test::Scrape(exposition_);
  const auto lines = test::Lines(page);
  EXPECT_EQ(test::MetricsPage::Parse(page).size(),
            static_cast<std::size_t>(std::ranges::count_if(lines, test::IsSeries)));
}

TEST(MetricTableTest, NamesAreUniqueAndTextsNeedNoEscaping) {
  std::set<std::string_view> names;
  const auto check = [&names](const Metric& metric) {
    EXPECT_TRUE(names.insert(FamilyName(metric)).second) << metric.name;
    EXPECT_EQ(metric.help.find_first_of("\"\\\n"), std::string_view::npos) << metric.name;
    EXPECT_TRUE(metric.help.ends_with('.')) << metric.name;
    EXPECT_EQ(metric.name.ends_with("_total"), metric.type == MetricType::kCounter) << metric.name;
  };
  for (const auto& row : TargetRows()) check(row.metric);
  for (const auto& row : StreamRows()) check(row.metric);
  for (const auto& row : GroupRows()) check(row.metric);
  for (const Metric* metric : own::kMetrics) check(*metric);
}

}  // namespace
}  // namespace streamgauge
