#include "kafka/timestamp_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "kafka/partition_times.h"

namespace streamgauge::kafka {
namespace {

struct Record {
  Offset offset;
  std::int64_t ms;
};

// A partition that answers like a broker.
class Log {
 public:
  explicit Log(std::vector<Record> records) : records_(std::move(records)) {}

  Offset end() const { return records_.empty() ? 0 : records_.back().offset + 1; }
  // Asks until the search has ended; returns the number of questions.
  int Drive(TimestampSearch& search) const {
    int questions = 0;
    for (; search.Question(); ++questions) AnswerOnce(search);
    return questions;
  }
  void AnswerOnce(TimestampSearch& search) const {
    const auto first = std::find_if(records_.begin(), records_.end(), [&](const Record& record) {
      return record.ms >= *search.Question();
    });
    if (first == records_.end()) {
      search.Answer(-1, -1);
    } else {
      search.Answer(first->offset, first->ms);
    }
  }

 private:
  std::vector<Record> records_;
};

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

Log Steady(int count, std::int64_t step_ms) {
  std::vector<Record> records;
  for (int i = 0; i < count; ++i) records.push_back({i, kNow - (count - i) * step_ms});
  return Log(std::move(records));
}

TEST(TimestampSearchTest, FindsEveryRecordToTheSecond) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    std::vector<Record> records;
    std::int64_t ms = kNow - 30 * kDay;
    for (int i = 0; i < 200; ++i) {
      ms += random() % 10 == 0 ? static_cast<std::int64_t>(random() % (kDay / 12)) : random() % 300;
      records.push_back({i, ms});
    }
    const Log log(records);
    const auto wanted = static_cast<Offset>(random() % 200);
    TimestampSearch search(wanted, log.end(), kNow, false);
    EXPECT_LE(log.Drive(search), 40);
    ASSERT_TRUE(search.found());
    EXPECT_LE(std::abs(*search.found() - records[static_cast<std::size_t>(wanted)].ms), 1000);
  }
}

TEST(TimestampSearchTest, ASteadyStreamTakesFewQuestions) {
  const Log log = Steady(100'000, 700);
  TimestampSearch search(61'803, log.end(), kNow, false);
  EXPECT_LE(log.Drive(search), 6);
  ASSERT_TRUE(search.found());
  EXPECT_NEAR(static_cast<double>(*search.found()), static_cast<double>(kNow - 38'197 * 700), 1000);
}

TEST(TimestampSearchTest, ALogThatBeginsLaterGivesItsFirstRecord) {
  const Log log({{50, kNow - 5000}, {51, kNow - 4000}});
  TimestampSearch search(20, log.end(), kNow, false);
  EXPECT_EQ(log.Drive(search), 1);
  EXPECT_EQ(search.found(), kNow - 5000);
}

TEST(TimestampSearchTest, AnEmptyLogIsAskedOnce) {
  const Log log({});
  TimestampSearch search(3, 5, kNow, false);
  EXPECT_EQ(log.Drive(search), 1);
  EXPECT_FALSE(search.found());
}

TEST(TimestampSearchTest, ManyRecordsOfOneMillisecondAreFound) {
  std::vector<Record> records = {{0, kNow - kDay}};
  for (int i = 1; i < 100; ++i) records.push_back({i, kNow - 3'600'000});
  const Log log(records);
  TimestampSearch search(60, log.end(), kNow, false);
  log.Drive(search);
  ASSERT_TRUE(search.found());
  EXPECT_LE(std::abs(*search.found() - (kNow - 3'600'000)), 1000);
}

TEST(TimestampSearchTest, ARecordOfTheFutureIsFoundAtNowOrLater) {
  const Log log({{0, kNow - 1000}, {1, kNow + kDay}, {2, kNow + kDay + 1}});
  TimestampSearch search(1, log.end(), kNow, false);
  log.Drive(search);
  ASSERT_TRUE(search.found());
  EXPECT_GE(*search.found(), kNow - 1000);
}

TEST(TimestampSearchTest, OnlyOfTheFirstWithItsTimestampItIsKnownToBeItsOwn) {
  const Log log({{0, kNow - kDay}, {1, kNow + 60'000}, {2, kNow - kDay}, {3, kNow - kDay}});
  for (const auto& [offset, own] : {std::pair(0, true), {1, true}, {2, false}, {3, false}}) {
    TimestampSearch search(offset, log.end(), kNow, false);
    EXPECT_FALSE(search.found_own());
    log.Drive(search);
    ASSERT_TRUE(search.found()) << offset;
    EXPECT_EQ(search.found_own(), own) << offset;
  }
}

// As of a producer that takes microseconds for milliseconds.
TEST(TimestampSearchTest, ATimestampFarInTheFutureHidesThoseBehindIt) {
  const Log log({{0, kNow - 1000}, {1, kNow * 1000}, {2, kNow}, {3, kNow}});
  TimestampSearch search(2, log.end(), kNow, false);
  log.Drive(search);
  EXPECT_FALSE(search.found());
  EXPECT_FALSE(search.Question()) << "it is not asked again and again";
}

TEST(TimestampSearchTest, WhereCompactionLeftAWideGapNothingIsSaid) {
  // 5 is gone: the oldest unread record is 9, an hour later. Were it there, it would be near 4.
  const Log log({{4, kNow - 2 * 3'600'000}, {9, kNow - 3'600'000}, {10, kNow}});
  TimestampSearch search(5, log.end(), kNow, true);
  log.Drive(search);
  EXPECT_FALSE(search.found());
}

TEST(TimestampSearchTest, WhereCompactionLeftANarrowGapItDoesNotMatter) {
  const Log log({{4, kNow - 7'200'000}, {9, kNow - 7'199'500}, {10, kNow}});
  TimestampSearch search(5, log.end(), kNow, true);
  log.Drive(search);
  ASSERT_TRUE(search.found());
  EXPECT_NEAR(static_cast<double>(*search.found()), kNow - 7'200'000, 1000);
}

TEST(TimestampSearchTest, ACompactedTopicsRecordThatIsThereIsFound) {
  const Log log({{4, kNow - 7'200'000}, {7, kNow - 3'600'000}, {10, kNow}});
  TimestampSearch search(7, log.end(), kNow, true);
  log.Drive(search);
  EXPECT_EQ(search.found(), kNow - 3'600'000);
}

TEST(TimestampSearchTest, WhatAnotherSearchKnowsSavesQuestions) {
  const Log log = Steady(10'000, 1000);
  TimestampSearch first(5000, log.end(), kNow, false);
  const int alone = log.Drive(first);
  TimestampSearch second(5001, log.end(), kNow, false);
  second.Learn(first);
  EXPECT_LT(log.Drive(second), alone);
  ASSERT_TRUE(second.found());
  EXPECT_NEAR(static_cast<double>(*second.found()), static_cast<double>(kNow - 4999 * 1000), 1000);
}

TEST(TimestampSearchTest, OnlyBoundsOnTheRightSideAreLearnt) {
  const Log log = Steady(1000, 60'000);
  for (const auto& [from, to] : {std::pair<Offset, Offset>{900, 10}, {10, 900}, {500, 500}}) {
    TimestampSearch first(from, log.end(), kNow, false);
    log.Drive(first);
    TimestampSearch second(to, log.end(), kNow, false);
    second.Learn(first);
    log.Drive(second);
    ASSERT_TRUE(second.found());
    EXPECT_NEAR(static_cast<double>(*second.found()),
                static_cast<double>(kNow - (1000 - to) * 60'000), 1000);
  }
}

TEST(TimestampSearchTest, TimestampsThatAreNoTimesBreakNothing) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  struct Row {
    std::vector<Record> records;
    Offset wanted;
    std::optional<std::int64_t> found;
    const char* reason;
  };
  const Row rows[] = {
      {{{0, kNow - 5000}, {1, kMax}}, 1, {}, "it is the record itself"},
      {{{0, kMax}, {1, kNow}}, 1, {}, "the highest up to the record"},
      {{{0, kMax - 1000}, {1, kMax}, {2, kNow}}, 2, {}, "the same, with room for more"},
      {{{0, kNow - 9000}, {1, kNow - 9000}, {2, kMax}}, 1, kNow - 9000, "it comes after"},
  };
  for (const Row& row : rows) {
    for (const bool may_have_gaps : {false, true}) {
      const Log log(row.records);
      TimestampSearch search(row.wanted, log.end(), kNow, may_have_gaps);
      EXPECT_LT(log.Drive(search), 40) << row.reason;
      if (!search.found()) {
        EXPECT_TRUE(may_have_gaps || !row.found) << row.reason;
        continue;
      }
      ASSERT_TRUE(row.found) << row.reason;
      EXPECT_LE(std::abs(*search.found() - *row.found), 1000) << row.reason;
    }
  }
  TimestampSearch search(5, 10, kNow, false);
  search.Answer(3, -1);
  search.Answer(-1, -1);
  EXPECT_TRUE(search.Question()) << "a record without a time is the oldest there is";
}

TEST(PartitionTimesTest, SearchesOfOnePartitionHelpEachOther) {
  std::mt19937 random(3);
  std::vector<Record> records;
  std::int64_t ms = kNow - 30 * kDay;
  for (int i = 0; i < 2000; ++i) {
    ms += random() % 100 == 0 ? static_cast<std::int64_t>(random() % kDay) : random() % 3000;
    records.push_back({i, ms});
  }
  const Log log(records);
  PartitionTimes times;
  int questions = 0;
  for (int round = 0; round < 60; ++round) {
    for (Offset wanted = 0; wanted < 2000; wanted += 10) {
      times.Want(wanted, log.end(), kNow, false);
    }
    times.Sweep();
    times.Share();
    times.ForEachQuestion([&](TimestampSearch& search) {
      ++questions;
      log.AnswerOnce(search);
    });
  }
  int alone = 0;
  for (Offset wanted = 0; wanted < 2000; wanted += 10) {
    TimestampSearch search(wanted, log.end(), kNow, false);
    alone += log.Drive(search);
    const auto found = times.Want(wanted, log.end(), kNow, false).found();
    ASSERT_TRUE(found) << wanted;
    EXPECT_LE(std::abs(*found - records[static_cast<std::size_t>(wanted)].ms), 1000) << wanted;
  }
  EXPECT_LT(questions, alone * 2 / 3);
}

TEST(PartitionTimesTest, WhatNobodyWantsAnyMoreIsForgotten) {
  PartitionTimes times;
  times.Want(5, 10, kNow, false);
  times.Sweep();
  EXPECT_FALSE(times.empty());
  times.Sweep();
  EXPECT_TRUE(times.empty());
}

TEST(PartitionTimesTest, OneAsksWhereTheLogBeginsForAll) {
  PartitionTimes times;
  times.Want(5, 10, kNow, false);
  times.Want(7, 10, kNow, false);
  int questions = 0;
  times.ForEachQuestion([&](const TimestampSearch&) { ++questions; });
  EXPECT_EQ(questions, 1);
}

}  // namespace
}  // namespace streamgauge::kafka
