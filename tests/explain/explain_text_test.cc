#include "explain/explain_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/name.h"

namespace streamgauge {
namespace {

using testing::HasSubstr;
using testing::Not;

class ExplainTextTest : public testing::Test {
 protected:
  ExplainTextTest() {
    report_.reading.version = "7.2.4";
    report_.reading.mode = "standalone";
    report_.reading.streams.resize(1);
    report_.reading.streams[0].name = streams_.Intern("orders");
    report_.reading.groups.resize(1);
    group().name = groups_.Intern("billing");
    report_.streams.resize(1);
    report_.groups.resize(1);
  }
  GroupReading& group() { return report_.reading.groups[0]; }
  std::string Write() { return ExplainText({request_, trace_, report_, 0, Duration(300'000)}); }

  NameTable streams_{NameKind::kStream};
  NameTable groups_{NameKind::kGroup};
  NameTable consumers_{NameKind::kConsumer};
  ExplainRequest request_{"local", "orders", "billing", 3, Duration(2000)};
  Trace trace_;
  Report report_;
};

TEST_F(ExplainTextTest, EachKindOfLineHasItsShape) {
  TellSection(&trace_, "read");
  TellInput(&trace_, "L  length", 6);
  TellInput(&trace_, "R  entries-read", std::optional<int>());
  TellSection(&trace_, "lag");
  Tried(&trace_, "rule 1", false, "because");
  Tried(&trace_, "rule 2", true);
  TellFigure(&trace_, "lag", "{} = {} - {}", 4, 6, 2);
  report_.groups[0].state = GroupState::kOk;
  EXPECT_THAT(Write(),
              testing::StartsWith(
                  "local: stream orders, group billing (7.2.4, standalone; the last of 3 polls, 2s "
                  "apart)\n"
                  "\n"
                  "read\n"
                  "  L  length                         6\n"
                  "  R  entries-read                   unknown\n"
                  "\n"
                  "lag\n"
                  "  no   rule 1 -- because\n"
                  "  yes  rule 2\n"
                  "  =    lag: 4 = 6 - 2\n"
                  "\n"
                  "verdict in words\n"
                  "  ok: "));
}

TEST_F(ExplainTextTest, NamesAreShownAsExplainTakesThem) {
  request_.stream = "a\nb\xff";
  request_.group = "quote\"s";
  request_.polls = 1;
  EXPECT_THAT(Write(), testing::StartsWith("local: stream a\\x0ab\\xff, group quote\"s (7.2.4, "
                                           "standalone; one poll)\n"));
}

TEST_F(ExplainTextTest, ASectionWithoutLinesIsNotShown) {
  TellSection(&trace_, "nothing of this");
  TellSection(&trace_, "but this");
  TellInput(&trace_, "x", 1);
  EXPECT_THAT(Write(), Not(HasSubstr("nothing of this")));
  EXPECT_THAT(Write(), HasSubstr("\nbut this\n"));
}

TEST_F(ExplainTextTest, ConsumersWithTheMostPendingComeFirst) {
  for (int i = 0; i < 25; ++i) {
    ConsumerReading consumer;
    consumer.name = consumers_.Intern("c" + std::to_string(i));
    consumer.pending = i;
    group().consumers.push_back(consumer);
  }
  group().consumers[24].name = consumers_.Intern("evil\x1b");
  const std::string text = Write();
  EXPECT_LT(text.find("evil"), text.find("c23 "));
  EXPECT_THAT(text, HasSubstr("pending 24, idle unknown, inactive unknown\n"));
  EXPECT_THAT(text, HasSubstr("  and 5 more\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("  evil\\x1b "));
}

TEST_F(ExplainTextTest, AVerdictThatIsTooYoungSaysWhereToLook) {
  EXPECT_THAT(Write(), Not(HasSubstr("/api/v1/groups")));
  report_.groups[0].evidence.Add(Cause::kTooYoung);
  EXPECT_THAT(Write(), HasSubstr("/api/v1/groups"));
  EXPECT_THAT(Write(), HasSubstr("--polls 22 --every 15s"));
}

TEST(Trace, NobodyIsToldWithoutOne) {
  TellSection(nullptr, "x");
  TellInput(nullptr, "x", 1);
  TellFigure(nullptr, "x", "{}", 1);
  EXPECT_TRUE(Tried(nullptr, "x", true));
  EXPECT_FALSE(Tried(nullptr, "x", false));
}

TEST(Trace, ValuesAreShownAsPeopleReadThem) {
  EXPECT_EQ(Shown(true), "yes");
  EXPECT_EQ(Shown(std::optional<bool>(false)), "no");
  EXPECT_EQ(Shown(std::optional<double>(1.0 / 3)), "0.3333");
  EXPECT_EQ(Shown(604'800.0), "604800") << "and not 6.048e+05";
  EXPECT_EQ(Shown(-12'345.6), "-12346");
  EXPECT_EQ(Shown(std::optional<int>()), "unknown");
}

}  // namespace
}  // namespace streamgauge
