#include "preflight/check_text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace streamgauge {
namespace {

AccessCheck Works(const std::string& what) {
  AccessCheck check;
  check.what = what;
  check.access = Access::kWorks;
  return check;
}

AccessCheck Refused(const std::string& what, Need need) {
  AccessCheck check;
  check.what = what;
  check.need = need;
  check.access = Access::kRefused;
  check.detail = "NOPERM";
  check.lost = "something";
  check.grant = "ACL SETUSER m +" + what;
  return check;
}

TargetCheck Sample() {
  TargetCheck check;
  check.system = "redis";
  check.name = "checkout";
  check.address = "10.0.0.1:6379";
  check.version = "7.0.15";
  check.mode = "standalone";
  check.nodes = 1;
  check.inventory = Inventory{.streams = 3, .groups = 5, .consumers = 12, .series = 1840};
  check.first_poll = PollCost{.requests = 40,
                              .round_trips = 5,
                              .received_bytes = 15'400,
                              .wall = std::chrono::microseconds(4200)};
  check.steady_poll = PollCost{.requests = 31,
                               .round_trips = 4,
                               .received_bytes = 980,
                               .wall = std::chrono::microseconds(1250)};
  check.access.checks = {Works("TIME")};
  return check;
}

TEST(CheckText, OfATargetThatWorks) {
  EXPECT_EQ(TextOf(Sample()),
            "checkout (redis, 10.0.0.1:6379): works\n"
            "  server        7.0.15, standalone, 1 node\n"
            "  would export  3 streams, 5 groups, 12 consumers: 1,840 series\n"
            "  each poll     31 requests in 4 round trips, 980 B received, 1.2 ms\n"
            "  first poll    40 requests in 5 round trips, 15.4 kB received, 4.2 ms\n"
            "  ok    TIME\n");
}

TEST(CheckText, SaysWhatIsMissingWhatIsLostAndWhatGrantsIt) {
  TargetCheck check = Sample();
  check.skipped = {{"stream", "unauthorized", 2}, {"group", "limit", 1500}};
  check.access.checks = {Refused("xlen", Need::kFigures), Refused("time", Need::kTarget)};
  check.access.checks[0].on = "keys orders:*";
  check.access.grants = {{"", "ACL SETUSER m +xlen +time"}};
  const std::string text = TextOf(check);
  EXPECT_TRUE(text.starts_with("checkout (redis, 10.0.0.1:6379): does not work, 1 warning\n"))
      << text;
  EXPECT_TRUE(
      text.ends_with("  warn  xlen keys orders:*: refused: NOPERM\n"
                     "        lost:   something\n"
                     "        grant:  ACL SETUSER m +xlen\n"
                     "  FAIL  time: refused: NOPERM\n"
                     "        lost:   something\n"
                     "        grant:  ACL SETUSER m +time\n"
                     "  all of it is granted by\n"
                     "    ACL SETUSER m +xlen +time\n"))
      << text;
  EXPECT_NE(
      text.find("  left out      2 streams (unauthorized), 1,500 groups (limit: max_groups)\n"),
      std::string::npos);
}

TEST(CheckText, SaysAtWhichServerSomethingIsMissing) {
  TargetCheck check = Sample();
  check.access.checks = {Refused("xlen", Need::kFigures), Refused("time", Need::kTarget)};
  check.access.checks[0].at = "10.0.0.2:6379";
  check.access.checks[1].at = "every node";
  check.access.grants = {{"10.0.0.2:6379", "ACL SETUSER m +xlen +time"},
                         {"10.0.0.1:6379", "ACL SETUSER m +time"}};
  const std::string text = TextOf(check);
  EXPECT_TRUE(
      text.ends_with("  warn  xlen at 10.0.0.2:6379: refused: NOPERM\n"
                     "        lost:   something\n"
                     "        grant:  ACL SETUSER m +xlen\n"
                     "  FAIL  time at every node: refused: NOPERM\n"
                     "        lost:   something\n"
                     "        grant:  ACL SETUSER m +time\n"
                     "  all of it is granted at 10.0.0.2:6379 by\n"
                     "    ACL SETUSER m +xlen +time\n"
                     "  and at 10.0.0.1:6379 by\n"
                     "    ACL SETUSER m +time\n"))
      << text;
}

TEST(CheckText, OfATargetThatCannotBeReached) {
  TargetCheck check;
  check.system = "kafka";
  check.name = "events";
  check.address = "k:9092";
  check.error = Error{Reason::kUnavailable, "connection refused"};
  EXPECT_EQ(TextOf(check),
            "events (kafka, k:9092): does not work\n"
            "  FAIL  connect: unavailable: connection refused\n");
}

TEST(CheckText, WhatIsNotToldIsNotShown) {
  TargetCheck check = Sample();
  check.version.clear();
  check.inventory->consumers.reset();
  check.steady_poll->received_bytes.reset();
  check.steady_poll->round_trips = check.steady_poll->requests;
  const std::string text = TextOf(check);
  EXPECT_NE(text.find("version not told, standalone"), std::string::npos);
  EXPECT_NE(text.find("3 streams, 5 groups: "), std::string::npos);
  EXPECT_NE(text.find("each poll     31 requests, 1.2 ms\n"), std::string::npos) << text;
}

TEST(CheckText, ATargetWorksUnlessSomethingItNeedsIsMissing) {
  struct Row {
    Need need;
    Access access;
    bool works;
    std::size_t warnings;
    const char* why;
  };
  const Row rows[] = {
      {Need::kTarget, Access::kWorks, true, 0, "all is well"},
      {Need::kTarget, Access::kRefused, false, 0, "a right is missing"},
      {Need::kTarget, Access::kUnsupported, false, 0, "a server that is too old"},
      {Need::kTarget, Access::kFailed, false, 0, "nobody knows, so nobody promises"},
      {Need::kTarget, Access::kUntried, true, 0, "nothing says that it would not"},
      {Need::kFigures, Access::kRefused, true, 1, "some figures are missing"},
      {Need::kFigures, Access::kUntried, true, 0, "likewise"},
  };
  for (const Row& row : rows) {
    TargetCheck check = Sample();
    check.access.checks[0].need = row.need;
    check.access.checks[0].access = row.access;
    EXPECT_EQ(check.Works(), row.works) << row.why;
    EXPECT_EQ(check.Warnings(), row.warnings) << row.why;
  }
  TargetCheck blocked = Sample();
  blocked.access.blocked = true;
  EXPECT_FALSE(blocked.Works()) << "nobody can be polled, though something works";
  TargetCheck empty = Sample();
  empty.inventory->streams = 0;
  EXPECT_TRUE(empty.Works());
  EXPECT_EQ(empty.Warnings(), 1U) << "a target without a stream is hardly meant";
}

TEST(CheckText, TheSummaryCountsTargets) {
  TargetCheck down;
  down.error = Error{Reason::kTimeout, "no answer"};
  const TargetCheck checks[] = {Sample(), down};
  EXPECT_EQ(SummaryOf(checks), "2 targets: 1 would work, 1 would not\n");
}

}  // namespace
}  // namespace streamgauge
