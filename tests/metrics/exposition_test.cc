#include "metrics/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "metrics/scrape.h"
#include "support/gunzip.h"
#include "support/sample_board.h"

namespace streamgauge {
namespace {

using test::Gunzip;
using test::Lines;
using test::Scrape;
using test::SeriesOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ExpositionTest : public testing::Test {
 protected:
  void Publish(Report report) {
    board_.Publish(test::SampleTarget("redis", "t", std::move(report)));
  }
  Board board_;
  AgentMetrics agent_{"1.2.3", "abc"};
  Exposition exposition_{board_, agent_};
};

// The page without what differs from one moment to the next.
std::string Stable(const std::string& page) {
  std::string stable;
  for (const std::string& line : Lines(page)) {
    if (!line.starts_with("process_") && !line.starts_with("streamgauge_scrape_")) {
      stable += line + '\n';
    }
  }
  return stable;
}

TEST_F(ExpositionTest, WritesASeriesWithAllItsLabels) {
  Publish(test::SampleRedisReport());
  EXPECT_THAT(
      SeriesOf(Scrape(exposition_), "streamgauge_group_lag"),
      ElementsAre(
          R"(streamgauge_group_lag{system="redis",target="t",stream="orders",group="billing"} 1204)"));
}

TEST_F(ExpositionTest, UnknownIsAnAbsentSeriesAndNotZero) {
  Publish(test::SampleRedisReport());
  const std::string page = Scrape(exposition_);
  std::vector<std::string> of_audit;
  for (const std::string& line : Lines(page)) {
    if (line.find("group=\"audit\"") != std::string::npos) of_audit.push_back(line);
  }
  EXPECT_THAT(
      of_audit,
      ElementsAre(
          R"(streamgauge_group_lag_source{system="redis",target="t",stream="orders",group="audit",source="unknown"} 1)",
          R"(streamgauge_group_state{system="redis",target="t",stream="orders",group="audit",state="unknown"} 1)"));
}

TEST_F(ExpositionTest, OfMembersNothingButTheirNumberIsSaid) {
  Publish(test::SampleKafkaReport());
  EXPECT_THAT(
      SeriesOf(Scrape(exposition_), "streamgauge_group_consumers"),
      ElementsAre(
          R"(streamgauge_group_consumers{system="redis",target="t",stream="payments",group="ledger",state="active"} 2)"));
}

TEST_F(ExpositionTest, AFamilyWithoutSeriesHasNoHeader) {
  Publish(test::SampleRedisReport());
  EXPECT_THAT(Scrape(exposition_), Not(HasSubstr("streamgauge_partition_leader")));
}

TEST_F(ExpositionTest, InfinityIsWrittenAsPrometheusReadsIt) {
  Publish(test::SampleRedisReport());
  EXPECT_THAT(Scrape(exposition_), HasSubstr("group=\"billing\"} +Inf\n"));
}

TEST_F(ExpositionTest, NanIsNoFigure) {
  Report report = test::SampleRedisReport();
  report.reading.groups[0].lag_seconds = std::numeric_limits<double>::quiet_NaN();
  Publish(std::move(report));
  EXPECT_THAT(SeriesOf(Scrape(exposition_), "streamgauge_group_lag_seconds"), IsEmpty());
}

TEST_F(ExpositionTest, NumbersKeepEveryDigit) {
  struct Case {
    double value;
    const char* text;
    const char* reason;
  };
  const Case cases[] = {
      {0, "0", "zero"},
      {-0.0, "0", "a negative zero is zero"},
      {0.1, "0.1", "the shortest text that is this number"},
      {372.125, "372.125", "a usual age"},
      {1700000000.123456, "1700000000.123456", "a timestamp keeps its microseconds"},
      {1700000000, "1700000000", "no exponent where a whole number will do"},
      {1e300, "1e+300", "very large"},
      {std::numeric_limits<double>::infinity(), "+Inf", "not inf"},
  };
  for (const Case& c : cases) {
    Report report = test::SampleRedisReport();
    report.reading.groups[0].lag_seconds = c.value;
    Publish(std::move(report));
    EXPECT_THAT(SeriesOf(Scrape(exposition_), "streamgauge_group_lag_seconds").at(0),
                testing::EndsWith(std::string("} ") + c.text))
        << c.reason;
  }
}

TEST_F(ExpositionTest, NamesAreEscaped) {
  struct Case {
    std::string name;
    const char* label;
    const char* reason;
  };
  const Case cases[] = {
      {"a\"b", R"(stream="a\"b")", "a quote would end the label"},
      {"a\\b", R"(stream="a\\b")", "a backslash would escape what follows"},
      {"a\nb", R"(stream="a\nb")", "a line feed would end the line"},
      {"a\xff", R"(stream="a\\xff")", "Prometheus refuses a page with invalid UTF-8"},
      {"größe", "stream=\"größe\"", "valid UTF-8 stays"},
  };
  for (const Case& c : cases) {
    Report report = test::SampleRedisReport();
    report.reading.streams[0].name = test::StreamName(c.name);
    Publish(std::move(report));
    EXPECT_THAT(SeriesOf(Scrape(exposition_), "streamgauge_stream_length").at(0),
                HasSubstr(c.label))
        << c.reason;
  }
}

TEST_F(ExpositionTest, TargetNamesAndVersionsAreEscaped) {
  Report report = test::SampleRedisReport();
  report.reading.version = "7\"\n";
  board_.Publish(test::SampleTarget("redis", "a\"b", std::move(report)));
  EXPECT_THAT(
      Scrape(exposition_),
      HasSubstr(
          R"(streamgauge_target_info{system="redis",target="a\"b",version="7\"\n",mode="standalone"} 1)"));
}

TEST_F(ExpositionTest, WhatATargetDoesNotTellIsNoLabel) {
  Report report = test::SampleKafkaReport();
  report.reading.version.clear();
  board_.Publish(test::SampleTarget("kafka", "a", report));
  EXPECT_THAT(
      Scrape(exposition_),
      HasSubstr("streamgauge_target_info{system=\"kafka\",target=\"a\",mode=\"kraft\"} 1\n"));
  report.reading.mode = "";
  board_.Publish(test::SampleTarget("kafka", "a", std::move(report)));
  EXPECT_THAT(Scrape(exposition_),
              HasSubstr("streamgauge_target_info{system=\"kafka\",target=\"a\"} 1\n"));
}

TEST_F(ExpositionTest, ANameLongerThanAChunkIsWrittenWhole) {
  Report report = test::SampleRedisReport();
  const std::string name(300'000, 'x');
  report.reading.streams[0].name = test::StreamName(name);
  Publish(std::move(report));
  EXPECT_THAT(SeriesOf(Scrape(exposition_), "streamgauge_stream_length").at(0), HasSubstr(name));
}

TEST_F(ExpositionTest, NoLabelSetExistsTwice) {
  test::FillSampleBoard(board_);
  std::set<std::string> seen;
  for (const std::string& line : Lines(Scrape(exposition_))) {
    if (!test::IsSeries(line)) continue;
    EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
  }
}

TEST_F(ExpositionTest, EachFamilyStandsTogether) {
  test::FillSampleBoard(board_);
  std::set<std::string> families;
  for (const std::string& line : Lines(Scrape(exposition_))) {
    if (!line.starts_with("# TYPE ")) continue;
    EXPECT_TRUE(families.insert(line).second) << line;
  }
  EXPECT_GT(families.size(), 50U);
}

TEST_F(ExpositionTest, SkippedItemsOfOneKindAreOneSeries) {
  Publish(test::SampleRedisReport());
  EXPECT_THAT(
      SeriesOf(Scrape(exposition_), "streamgauge_items_skipped"),
      ElementsAre(
          R"(streamgauge_items_skipped{system="redis",target="t",kind="consumer",reason="limit"} 3)",
          R"(streamgauge_items_skipped{system="redis",target="t",kind="stream",reason="filtered"} 7)"));
}

TEST_F(ExpositionTest, ATargetThatWasNeverPolledIsNeitherUpNorDown) {
  board_.Publish(test::UnpolledTarget("kafka", "new"));
  board_.Publish(test::DownTarget("redis", "gone"));
  EXPECT_THAT(SeriesOf(Scrape(exposition_), "streamgauge_target_up"),
              ElementsAre(R"(streamgauge_target_up{system="redis",target="gone"} 0)"));
}

TEST_F(ExpositionTest, DetailGroupLeavesPartitionsOut) {
  auto view = test::SampleTarget("kafka", "t", test::SampleKafkaReport());
  view->partition_detail = false;
  board_.Publish(view);
  const std::string page = Scrape(exposition_);
  EXPECT_THAT(page, Not(HasSubstr("partition=")));
  EXPECT_THAT(page, HasSubstr("streamgauge_group_lag{"));
  EXPECT_THAT(page, HasSubstr("streamgauge_stream_partitions{")) << "of the stream, not of each";
}

TEST_F(ExpositionTest, AStreamOfAnotherShardHasOnlyItsGroups) {
  Report report = test::SampleKafkaReport();
  for (StreamReading& stream : report.reading.streams) stream.exported = false;
  Publish(std::move(report));
  const std::string page = Scrape(exposition_);
  EXPECT_THAT(page, Not(HasSubstr("streamgauge_stream_")));
  EXPECT_THAT(page, Not(HasSubstr("streamgauge_partition_")));
  EXPECT_THAT(page, HasSubstr("streamgauge_group_lag{"));
  EXPECT_THAT(page, HasSubstr("streamgauge_group_partition_lag{"));
}

TEST_F(ExpositionTest, AReportWithoutSignalsShowsItsFacts) {
  Report report = test::SampleRedisReport();
  report.groups.clear();
  report.streams.clear();
  Publish(std::move(report));
  const std::string page = Scrape(exposition_);
  EXPECT_THAT(page, HasSubstr("streamgauge_group_lag{"));
  EXPECT_THAT(page, Not(HasSubstr("streamgauge_group_backlog")));
}

TEST_F(ExpositionTest, OpenMetricsNamesCountersWithoutTotal) {
  test::FillSampleBoard(board_);
  const std::string page = Scrape(exposition_, ExpositionFormat::kOpenMetrics);
  EXPECT_THAT(page, HasSubstr("# TYPE streamgauge_group_lost counter\n"));
  EXPECT_THAT(page, HasSubstr("\nstreamgauge_group_lost_total{"));
  EXPECT_THAT(page, HasSubstr("# UNIT streamgauge_group_lag_seconds seconds\n"));
  EXPECT_TRUE(page.ends_with("\n# EOF\n"));
}

TEST_F(ExpositionTest, BothFormatsHaveTheSameSeries) {
  test::FillSampleBoard(board_);
  const auto poller = agent_.ForTarget("redis", "checkout");
  const auto series = [](const std::string& page) {
    std::vector<std::string> lines = Lines(page);
    std::erase_if(lines, [](const std::string& line) { return !test::IsSeries(line); });
    return lines;
  };
  EXPECT_EQ(series(Stable(Scrape(exposition_, ExpositionFormat::kPrometheusText))),
            series(Stable(Scrape(exposition_, ExpositionFormat::kOpenMetrics))));
}

TEST_F(ExpositionTest, TheCompressedPageIsThePage) {
  test::FillSampleBoard(board_);
  for (const ExpositionFormat format :
       {ExpositionFormat::kPrometheusText, ExpositionFormat::kOpenMetrics}) {
    const GzipPage compressed = exposition_.Gzip(format);
    EXPECT_EQ(Stable(Gunzip(*compressed.targets + compressed.agent)),
              Stable(Scrape(exposition_, format)));
  }
}

TEST_F(ExpositionTest, TheCompressedPageIsMadeOncePerBoardVersion) {
  test::FillSampleBoard(board_);
  const auto first = exposition_.Gzip(ExpositionFormat::kPrometheusText).targets;
  EXPECT_EQ(exposition_.Gzip(ExpositionFormat::kPrometheusText).targets, first);
  EXPECT_NE(exposition_.Gzip(ExpositionFormat::kOpenMetrics).targets, first);
  Publish(test::SampleRedisReport());
  const auto second = exposition_.Gzip(ExpositionFormat::kPrometheusText).targets;
  EXPECT_NE(second, first);
  EXPECT_THAT(Gunzip(*second), HasSubstr("target=\"t\""));
}

TEST_F(ExpositionTest, AClientThatGoesAwayStopsTheWriting) {
  test::FillSampleBoard(board_);
  int chunks = 0;
  EXPECT_FALSE(exposition_.Write(ExpositionFormat::kPrometheusText, [&chunks](std::string_view) {
    ++chunks;
    return false;
  }));
  EXPECT_EQ(chunks, 1);
}

TEST_F(ExpositionTest, ManyScrapesAtATimeWhileTargetsPublish) {
  test::FillSampleBoard(board_);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        EXPECT_THAT(Scrape(exposition_), HasSubstr("streamgauge_target_up"));
        EXPECT_THAT(Gunzip(*exposition_.Gzip(ExpositionFormat::kOpenMetrics).targets),
                    HasSubstr("streamgauge_target_up"));
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    Publish(test::SampleRedisReport());
    const auto poller = agent_.ForTarget("redis", "t");
    poller->PollEnded(std::chrono::milliseconds(1), nullptr, {});
  }
}

}  // namespace
}  // namespace streamgauge
