#include "metrics/agent_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "metrics/exposition.h"
#include "metrics/scrape.h"

namespace streamgauge {
namespace {

using test::SeriesOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class AgentMetricsTest : public testing::Test {
 protected:
  std::string Page() { return test::Scrape(exposition_); }
  Board board_;
  AgentMetrics agent_{"1.2.3", "abc"};
  Exposition exposition_{board_, agent_};
};

TEST_F(AgentMetricsTest, EveryReasonIsThereFromTheStart) {
  const auto target = agent_.ForTarget("redis", "t");
  const auto errors = SeriesOf(Page(), "streamgauge_poll_errors_total");
  EXPECT_THAT(errors, SizeIs(kReasonCount));
  for (const std::string& line : errors) EXPECT_TRUE(line.ends_with("} 0")) << line;
  EXPECT_THAT(SeriesOf(Page(), "streamgauge_item_errors_total"), SizeIs(kReasonCount));
}

TEST_F(AgentMetricsTest, PollsAndTheirErrorsAreCounted) {
  const auto target = agent_.ForTarget("redis", "t");
  const Error error{Reason::kTimeout, "no answer"};
  target->PollEnded(std::chrono::milliseconds(20), nullptr, {});
  target->PollEnded(std::chrono::milliseconds(4000), &error, {});
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("streamgauge_polls_total{system=\"redis\",target=\"t\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("streamgauge_poll_errors_total{reason=\"timeout\",system=\"redis\","
                              "target=\"t\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("streamgauge_poll_duration_seconds_sum{system=\"redis\",target="
                              "\"t\"} 4.02\n"));
  EXPECT_THAT(page, HasSubstr("streamgauge_poll_duration_seconds_bucket{system=\"redis\",target="
                              "\"t\",le=\"1.0\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("streamgauge_poll_duration_seconds_bucket{system=\"redis\",target="
                              "\"t\",le=\"+Inf\"} 2\n"));
}

TEST_F(AgentMetricsTest, OnlyTheRisesOfTheTelemetryAreAdded) {
  const auto target = agent_.ForTarget("redis", "t");
  Telemetry telemetry;
  telemetry.requests["xinfo_stream"] = 10;
  telemetry.received_bytes = 1000;
  target->PollEnded(Duration(1), nullptr, telemetry);
  telemetry.requests["xinfo_stream"] = 14;
  telemetry.requests["time"] = 1;
  telemetry.received_bytes = 1500;
  telemetry.item_errors["wrong_type"] = 2;
  telemetry.verifications_differed = 3;
  target->PollEnded(Duration(1), nullptr, telemetry);
  const std::string page = Page();
  EXPECT_THAT(SeriesOf(page, "streamgauge_requests_total"),
              ElementsAre(HasSubstr("request=\"time\",system=\"redis\",target=\"t\"} 1"),
                          HasSubstr("request=\"xinfo_stream\",system=\"redis\",target=\"t\"} 14")));
  EXPECT_THAT(SeriesOf(page, "streamgauge_received_bytes_total"), ElementsAre(HasSubstr("} 1500")));
  EXPECT_THAT(page, HasSubstr("reason=\"wrong_type\",system=\"redis\",target=\"t\"} 2\n"));
  EXPECT_THAT(SeriesOf(page, "streamgauge_lag_verifications_total"),
              ElementsAre(HasSubstr("result=\"agreed\",system=\"redis\",target=\"t\"} 0"),
                          HasSubstr("result=\"differed\",system=\"redis\",target=\"t\"} 3")));
}

TEST_F(AgentMetricsTest, ACheckThatNeverRunsHasNoFigure) {
  const auto redis = agent_.ForTarget("redis", "r");
  const auto kafka = agent_.ForTarget("kafka", "k");
  redis->PollEnded(Duration(1), nullptr, {});
  kafka->PollEnded(Duration(1), nullptr, {});
  EXPECT_THAT(SeriesOf(Page(), "streamgauge_lag_verifications_total"),
              ElementsAre(HasSubstr("target=\"r\"} 0"), HasSubstr("target=\"r\"} 0")));
  EXPECT_THAT(Page(), Not(HasSubstr("\nstreamgauge_feed_mismatches_total")));
  Telemetry telemetry;
  telemetry.feed_mismatches = 2;
  kafka->PollEnded(Duration(1), nullptr, telemetry);
  EXPECT_THAT(SeriesOf(Page(), "streamgauge_feed_mismatches_total"),
              ElementsAre(HasSubstr("target=\"k\"} 2")));
}

TEST_F(AgentMetricsTest, ASourceThatWasMadeAnewDoesNotTakeCountersBack) {
  const auto target = agent_.ForTarget("redis", "t");
  Telemetry telemetry;
  telemetry.received_bytes = 1000;
  target->PollEnded(Duration(1), nullptr, telemetry);
  telemetry.received_bytes = 10;
  target->PollEnded(Duration(1), nullptr, telemetry);
  EXPECT_THAT(SeriesOf(Page(), "streamgauge_received_bytes_total"),
              ElementsAre(HasSubstr("} 1010")));
}

TEST_F(AgentMetricsTest, SeriesGoWithTheirTarget) {
  auto target = agent_.ForTarget("redis", "t");
  EXPECT_THAT(Page(), HasSubstr("target=\"t\""));
  target.reset();
  EXPECT_THAT(Page(), Not(HasSubstr("target=\"t\"")));
}

TEST_F(AgentMetricsTest, TwoPollersOfOneTargetShareItsSeries) {
  auto old_poller = agent_.ForTarget("redis", "t");
  const auto new_poller = agent_.ForTarget("redis", "t");
  old_poller->PollEnded(Duration(1), nullptr, {});
  new_poller->PollEnded(Duration(1), nullptr, {});
  old_poller.reset();
  new_poller->PollEnded(Duration(1), nullptr, {});
  EXPECT_THAT(SeriesOf(Page(), "streamgauge_polls_total"),
              ElementsAre("streamgauge_polls_total{system=\"redis\",target=\"t\"} 3"));
}

TEST_F(AgentMetricsTest, AFailedReloadKeepsTheTimeOfTheLastGoodOne) {
  EXPECT_THAT(Page(), Not(HasSubstr("config_last_reload"))) << "nothing was loaded yet";
  agent_.ConfigReloaded(true, FromUnixMillis(1'700'000'000'000));
  agent_.ConfigReloaded(false, FromUnixMillis(1'700'000'060'000));
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("streamgauge_config_last_reload_successful 0\n"));
  EXPECT_THAT(page,
              HasSubstr("streamgauge_config_last_reload_success_timestamp_seconds 1700000000\n"));
}

TEST_F(AgentMetricsTest, TheBuildIsNamed) {
  EXPECT_THAT(Page(), HasSubstr("streamgauge_build_info{revision=\"abc\",version=\"1.2.3\"} 1\n"));
}

TEST_F(AgentMetricsTest, TheProcessIsMeasured) {
  const std::string page = Page();
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes",
                           "process_virtual_memory_bytes", "process_start_time_seconds",
                           "process_open_fds", "process_max_fds", "process_threads"}) {
    const auto series = SeriesOf(page, name);
    ASSERT_THAT(series, SizeIs(1)) << name;
    if (std::string_view(name) != "process_cpu_seconds_total") {
      EXPECT_GT(std::stod(series[0].substr(series[0].rfind(' '))), 0) << name;
    }
  }
}

TEST_F(AgentMetricsTest, ScrapesAreTimed) {
  Page();
  EXPECT_THAT(Page(), HasSubstr("streamgauge_scrape_duration_seconds_count 1\n"));
}

}  // namespace
}  // namespace streamgauge
