#include "http/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "build_paths.h"
#include "http/schema_check.h"
#include "support/sample_board.h"
#include "support/temp_dir.h"

namespace streamgauge {
namespace {

using test::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const test::SchemaCheck& Schema() {
  static const test::SchemaCheck schema(
      Json::parse(test::ReadFile(build_paths::Source() / "docs/api.schema.json")));
  return schema;
}

BoardView SampleView() {
  Board board;
  test::FillSampleBoard(board);
  return board.View();
}

std::string GroupsText(const BoardView& view, const QueryParameters& parameters = {}) {
  const auto query = ParseGroupQuery(parameters);
  EXPECT_TRUE(query) << query.error();
  std::string text;
  EXPECT_TRUE(WriteGroups(view, *query, [&text](std::string_view piece) {
    text += piece;
    return true;
  }));
  return text;
}

Json Groups(const BoardView& view, const QueryParameters& parameters = {}) {
  return Json::parse(GroupsText(view, parameters));
}

std::vector<std::string> Names(const Json& answer) {
  std::vector<std::string> names;
  for (const Json& group : answer.at("groups")) names.push_back(group.at("group"));
  return names;
}

TEST(ApiTest, GroupsAreAsTheSchemaSays) {
  EXPECT_EQ(Schema().Problem(Groups(SampleView()), "groups"), "");
  EXPECT_EQ(Schema().Problem(Groups({}), "groups"), "") << "an empty board";
}

TEST(ApiTest, TargetsAreAsTheSchemaSays) {
  EXPECT_EQ(Schema().Problem(Json::parse(TargetsJson(SampleView())), "targets"), "");
  EXPECT_EQ(Schema().Problem(Json::parse(TargetsJson({})), "targets"), "");
  EXPECT_EQ(Schema().Problem(Json::parse(ErrorJson("no")), "error"), "");
}

TEST(ApiTest, WhatATargetDoesNotTellOfItselfIsAbsent) {
  Report report = test::SampleKafkaReport();
  report.reading.version.clear();
  report.reading.mode = "";
  Board board;
  board.Publish(test::SampleTarget("kafka", "t", std::move(report)));
  const Json target = Json::parse(TargetsJson(board.View())).at("targets").at(0);
  EXPECT_FALSE(target.contains("version"));
  EXPECT_FALSE(target.contains("mode"));
  EXPECT_EQ(Schema().Problem(target, "target"), "");
}

TEST(ApiTest, AShortPollIsNotOfNoLength) {
  Board board;
  auto target = test::SampleTarget("redis", "t", test::SampleRedisReport());
  target->last_duration = std::chrono::microseconds(400);
  board.Publish(target);
  const Json answer = Json::parse(TargetsJson(board.View()));
  EXPECT_EQ(answer.at("targets").at(0).at("last_duration_seconds"), 0.0004);
}

TEST(ApiTest, TheSchemaFindsWhatIsWrong) {
  Json answer = Groups(SampleView());
  answer["groups"][0]["lag"] = -1;
  EXPECT_THAT(Schema().Problem(answer, "groups"), HasSubstr("groups[0].lag"));
  answer = Groups(SampleView());
  answer["groups"][0]["surprise"] = 1;
  EXPECT_THAT(Schema().Problem(answer, "groups"), HasSubstr("surprise"));
  answer = Groups(SampleView());
  answer["groups"][0].erase("state");
  EXPECT_THAT(Schema().Problem(answer, "groups"), HasSubstr("state"));
}

TEST(ApiTest, TheWorstGroupComesFirst) {
  EXPECT_THAT(Names(Groups(SampleView())), ElementsAre("audit", "billing", "ledger"))
      << "unknown, stalled, ok";
}

TEST(ApiTest, FiguresAreThoseOfTheReport) {
  const Json group = Groups(SampleView(), {{"group", "billing"}}).at("groups").at(0);
  EXPECT_EQ(group.at("system"), "redis");
  EXPECT_EQ(group.at("target"), "checkout");
  EXPECT_EQ(group.at("stream"), "orders");
  EXPECT_EQ(group.at("state"), "stalled");
  EXPECT_EQ(group.at("lag"), 1204);
  EXPECT_EQ(group.at("lag_source"), "calibrated");
  EXPECT_EQ(group.at("lag_seconds"), 372.125);
  EXPECT_EQ(group.at("pending"), 17);
  EXPECT_EQ(group.at("backlog"), 1221);
  EXPECT_EQ(group.at("lost_total"), 6);
  EXPECT_EQ(group.at("consumers").at("dead_with_pending"), 3);
  EXPECT_EQ(group.at("last_delivered_id"), "1699999000000-7");
  EXPECT_THAT(group.at("reason").get<std::string>(), HasSubstr("stalled"));
}

TEST(ApiTest, UnknownIsAnAbsentKey) {
  const Json group = Groups(SampleView(), {{"group", "audit"}}).at("groups").at(0);
  for (const char* key : {"lag", "lag_seconds", "pending", "backlog", "drain_seconds", "consumers",
                          "members_state", "completeness", "last_delivered_id"}) {
    EXPECT_FALSE(group.contains(key)) << key;
  }
  EXPECT_EQ(group.at("lag_source"), "unknown");
}

TEST(ApiTest, OfMembersNothingButTheirNumberIsSaid) {
  const Json group = Groups(SampleView(), {{"group", "ledger"}}).at("groups").at(0);
  EXPECT_EQ(group.at("consumers"), Json({{"active", 2}}));
}

TEST(ApiTest, InfinityIsAWordAndNanIsAbsent) {
  Report report = test::SampleRedisReport();
  report.reading.groups[0].lag_seconds = std::numeric_limits<double>::quiet_NaN();
  Board board;
  board.Publish(test::SampleTarget("redis", "t", std::move(report)));
  const Json group = Groups(board.View(), {{"group", "billing"}}).at("groups").at(0);
  EXPECT_EQ(group.at("drain_seconds"), "+Inf");
  EXPECT_FALSE(group.contains("lag_seconds"));
}

TEST(ApiTest, FiltersChoose) {
  struct Case {
    QueryParameters parameters;
    std::vector<std::string> names;
    const char* reason;
  };
  const Case cases[] = {
      {{{"system", "kafka"}}, {"ledger"}, "a name"},
      {{{"target", "ch*"}}, {"audit", "billing"}, "a glob"},
      {{{"stream", "payments"}}, {"ledger"}, "by stream"},
      {{{"group", "*i*"}}, {"audit", "billing"}, "by group"},
      {{{"state", "ok"}}, {"ledger"}, "by state"},
      {{{"state", "ok"}, {"state", "stalled"}}, {"billing", "ledger"}, "alternatives"},
      {{{"group", "ledger"}, {"group", "audit"}}, {"audit", "ledger"}, "alternative names"},
      {{{"system", "redis"}, {"state", "ok"}}, {}, "all conditions must hold"},
      {{{"group", "bill"}}, {}, "the whole name must match"},
      {{{"limit", "1"}}, {"audit"}, "the worst are kept"},
      {{{"limit", "100"}}, {"audit", "billing", "ledger"}, "fewer than the limit"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Names(Groups(SampleView(), c.parameters)), c.names) << c.reason;
  }
  EXPECT_EQ(Groups(SampleView(), {{"limit", "1"}}).at("matched"), 3);
}

TEST(ApiTest, WrongParametersAreExplained) {
  struct Case {
    QueryParameters parameters;
    const char* words;
    const char* reason;
  };
  const Case cases[] = {
      {{{"gruop", "x"}}, "allowed: system, target, stream, group, state, limit", "a typing error"},
      {{{"state", "bad"}}, "losing_data, rewound, no_consumers, unknown, stalled", "no state"},
      {{{"limit", "0"}}, "above 0", "nothing to show"},
      {{{"limit", "-1"}}, "above 0", "negative"},
      {{{"limit", "10x"}}, "above 0", "no number"},
      {{{"limit", ""}}, "above 0", "empty"},
      {{{"limit", "99999999999999999999999"}}, "above 0", "more than any number"},
  };
  for (const Case& c : cases) {
    const auto query = ParseGroupQuery(c.parameters);
    ASSERT_FALSE(query) << c.reason;
    EXPECT_THAT(query.error(), HasSubstr(c.words)) << c.reason;
  }
}

TEST(ApiTest, NamesAreReadableAndCanBeAskedFor) {
  Report report = test::SampleRedisReport();
  report.reading.streams[0].name = test::StreamName("a\"\n\xff");
  Board board;
  board.Publish(test::SampleTarget("redis", "t", std::move(report)));
  const Json group = Groups(board.View()).at("groups").at(0);
  EXPECT_EQ(group.at("stream"), "a\"\n\\xff");
  EXPECT_THAT(Names(Groups(board.View(), {{"stream", "a*ff"}})), ElementsAre("audit", "billing"));
}

TEST(ApiTest, AMessageThatIsNotUtf8DoesNotBreakTheDocument) {
  auto down = std::make_shared<TargetView>(*test::DownTarget("redis", "t"));
  down->error->message = "ERR \xff";
  Board board;
  board.Publish(down);
  EXPECT_EQ(Schema().Problem(Json::parse(TargetsJson(board.View())), "targets"), "");
}

TEST(ApiTest, ATargetThatWasNeverPolledIsNeitherUpNorDown) {
  const Json targets = Json::parse(TargetsJson(SampleView())).at("targets");
  EXPECT_EQ(targets.at(0).at("up"), true);
  EXPECT_EQ(targets.at(2).at("up"), false);
  EXPECT_EQ(targets.at(2).at("error").at("reason"), "unauthorized");
  EXPECT_EQ(targets.at(3).at("polled"), false);
  EXPECT_FALSE(targets.at(3).contains("up"));
}

TEST(ApiTest, AReportWithoutSignalsIsShown) {
  Report report = test::SampleRedisReport();
  report.groups.clear();
  Board board;
  board.Publish(test::SampleTarget("redis", "t", std::move(report)));
  const Json answer = Groups(board.View());
  EXPECT_EQ(Schema().Problem(answer, "groups"), "");
  EXPECT_EQ(answer.at("groups").at(0).at("state"), "unknown");
}

TEST(ApiTest, AClientThatGoesAwayStopsTheWriting) {
  EXPECT_FALSE(WriteGroups(SampleView(), {}, [](std::string_view) { return false; }));
}

}  // namespace
}  // namespace streamgauge
