#include "http/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>

#include "support/sample_board.h"

namespace streamgauge {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string PageOf(const TargetViewRef& target) {
  Board board;
  board.Publish(target);
  return RenderPage(board.View(), "1.2.3", test::SampleTime() + std::chrono::seconds(42));
}

std::size_t Count(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

TEST(PageTest, ItSaysWhatIsUpAndWhatIsWrong) {
  Board board;
  test::FillSampleBoard(board);
  const std::string page =
      RenderPage(board.View(), "1.2.3", test::SampleTime() + std::chrono::seconds(42));
  EXPECT_THAT(page, HasSubstr("1.2.3"));
  EXPECT_THAT(page, HasSubstr("42s ago"));
  EXPECT_THAT(page, HasSubstr(">up<"));
  EXPECT_THAT(page, HasSubstr(">down<"));
  EXPECT_THAT(page, HasSubstr("not polled yet"));
  EXPECT_THAT(page, HasSubstr("unauthorized: AUTH: WRONGPASS; check username and password"));
  EXPECT_THAT(page, HasSubstr(">stalled<"));
  EXPECT_THAT(page, HasSubstr("1,204"));
  EXPECT_LT(page.find("billing"), page.find("ledger")) << "worst first";
}

TEST(PageTest, UnknownFiguresAreNotZero) {
  const std::string page = PageOf(test::SampleTarget("redis", "t", test::SampleRedisReport()));
  EXPECT_THAT(page, HasSubstr("unknown</span></td>"));
  EXPECT_THAT(page, HasSubstr(">not shrinking<")) << "a backlog that does not shrink";
}

TEST(PageTest, ItSaysOfWhichMomentItIs) {
  using namespace std::chrono_literals;
  EXPECT_THAT(RenderPage({}, "1.2.3", WallTime(1'700'000'000s)),
              HasSubstr("1.2.3, as of 2023-11-14 22:13:20 UTC"));
}

TEST(PageTest, APollTakesNeverNoTime) {
  auto target = test::SampleTarget("redis", "t", test::SampleRedisReport());
  EXPECT_THAT(PageOf(target), HasSubstr(">15 ms<"));
  target->last_duration = std::chrono::microseconds(999);
  EXPECT_THAT(PageOf(target), HasSubstr(">&lt; 1 ms<"));
}

TEST(PageTest, AnObjectiveStandsBesideTheAge) {
  Report report = test::SampleRedisReport();
  report.reading.groups[0].lag_seconds = 31;
  report.groups[0].objective_seconds.reset();
  EXPECT_THAT(PageOf(test::SampleTarget("redis", "t", Report(report))),
              Not(HasSubstr("objective")));
  report.groups[0].objective_seconds = 31;
  EXPECT_THAT(PageOf(test::SampleTarget("redis", "t", Report(report))),
              HasSubstr(">31s<br><span class=\"quiet\">objective 31s</span></td>"));
  report.groups[0].objective_seconds = 30;
  EXPECT_THAT(PageOf(test::SampleTarget("redis", "t", Report(report))),
              HasSubstr("<span class=\"bad\">objective 30s</span>"));
}

TEST(PageTest, NamesAndMessagesAreEscaped) {
  Report report = test::SampleRedisReport();
  report.reading.streams[0].name = test::StreamName("<script>alert('\"&')</script>\xff");
  report.reading.version = "<b>";
  auto target = test::SampleTarget("redis", "<i>", std::move(report));
  target->error = Error{Reason::kBadReply, "<u>"};
  const std::string page = PageOf(target);
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;\\xff"));
  for (const char* tag : {"<script>", "<b>", "<i>", "<u>"}) {
    EXPECT_THAT(page, Not(HasSubstr(tag))) << tag;
  }
}

TEST(PageTest, ItLoadsNothingFromElsewhere) {
  const std::string page = PageOf(test::SampleTarget("redis", "t", test::SampleRedisReport()));
  EXPECT_THAT(page, Not(HasSubstr("http:")));
  EXPECT_THAT(page, Not(HasSubstr("https:")));
  EXPECT_THAT(page, Not(HasSubstr("src=")));
}

TEST(PageTest, ItStaysReadableWithManyGroups) {
  Report report = test::SampleRedisReport();
  const GroupReading group = report.reading.groups[0];
  report.reading.groups.assign(600, group);
  report.groups.assign(600, report.groups[0]);
  const std::string page = PageOf(test::SampleTarget("redis", "t", std::move(report)));
  EXPECT_EQ(Count(page, ">billing<"), 500U);
  EXPECT_THAT(page, HasSubstr("100 more groups"));
}

TEST(PageTest, AnyFigureCanBeShown) {
  for (const double seconds :
       {0.0, -1.0, 1e-9, 1e300, std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    Report report = test::SampleRedisReport();
    report.groups[0].headroom_seconds = seconds;
    EXPECT_THAT(PageOf(test::SampleTarget("redis", "t", std::move(report))), HasSubstr("billing"))
        << seconds;
  }
}

TEST(PageTest, AnEmptyBoardIsAPageToo) {
  EXPECT_THAT(RenderPage({}, "1.2.3", test::SampleTime()), HasSubstr("No group was seen so far"));
}

}  // namespace
}  // namespace streamgauge
