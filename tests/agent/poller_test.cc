#include "poller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "agent/fake_source.h"
#include "log/log.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeSource;
using test::Play;
using test::Script;
using test::WaitFor;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// Remembers how polls ended.
struct Endings {
  void Add(std::string ending) {
    const std::lock_guard lock(mutex);
    list.push_back(std::move(ending));
  }
  std::vector<std::string> All() {
    const std::lock_guard lock(mutex);
    return list;
  }
  std::mutex mutex;
  std::vector<std::string> list;
};

class RecordedMetrics : public TargetMetrics {
 public:
  explicit RecordedMetrics(std::shared_ptr<Endings> endings) : endings_(std::move(endings)) {}
  ~RecordedMetrics() override { endings_->Add("gone"); }
  void PollEnded(std::chrono::duration<double>, const Error* error, const Telemetry&) override {
    endings_->Add(error != nullptr ? std::string(ToString(error->reason)) : "good");
  }

 private:
  std::shared_ptr<Endings> endings_;
};

class PollerTest : public testing::Test {
 protected:
  void SetUp() override { log::Init({}); }

  std::unique_ptr<Poller> Make(Duration stale_after = seconds(60),
                               Duration interval = milliseconds(10)) {
    TargetConfig config;
    config.name = "checkout";
    config.poll_interval = interval;
    return std::make_unique<Poller>(
        config, stale_after,
        Poller::Parts{.source = std::make_unique<FakeSource>(script_),
                      .analyzer = std::make_unique<Analyzer>("checkout", SignalsConfig{},
                                                             std::vector<Objective>{}),
                      .metrics = std::make_unique<RecordedMetrics>(endings_),
                      .board = &board_});
  }

  // The target as readers see it; null when it is not on the board.
  TargetViewRef View(SteadyTime now = std::chrono::steady_clock::now()) const {
    const BoardView view = board_.View(now);
    return view.targets.empty() ? nullptr : view.targets[0];
  }
  bool Comes(const std::function<bool(const TargetView&)>& state) const {
    return WaitFor([&] { return View() && state(*View()); }, seconds(10), milliseconds(1));
  }

  Board board_;
  std::shared_ptr<Script> script_ = std::make_shared<Script>();
  std::shared_ptr<Endings> endings_ = std::make_shared<Endings>();
};

TEST_F(PollerTest, ATargetIsOnTheBoardBeforeItsFirstPoll) {
  const auto poller = Make();
  ASSERT_NE(View(), nullptr);
  EXPECT_EQ(View()->name, "checkout");
  EXPECT_EQ(View()->system, "redis");
  EXPECT_FALSE(View()->polled);
  EXPECT_FALSE(View()->up);
  EXPECT_EQ(View()->report, nullptr);
}

TEST_F(PollerTest, AGoodPollIsPublished) {
  const auto poller = Make();
  EXPECT_TRUE(poller->PollOnce({}));
  EXPECT_TRUE(View()->polled);
  EXPECT_TRUE(View()->up);
  EXPECT_NE(View()->report, nullptr);
  EXPECT_TRUE(View()->last_success.has_value());
  EXPECT_FALSE(View()->error.has_value());
  EXPECT_THAT(endings_->All(), ElementsAre("good"));
}

TEST_F(PollerTest, AFailedPollKeepsTheFiguresAndSaysWhy) {
  const auto poller = Make();
  poller->PollOnce({});
  const auto report = View()->report;
  const auto last_success = View()->last_success;
  script_->Set(Play::kFail);
  EXPECT_FALSE(poller->PollOnce({}));
  EXPECT_FALSE(View()->up);
  EXPECT_EQ(View()->report, report);
  EXPECT_EQ(View()->last_success, last_success);
  EXPECT_EQ(View()->error->reason, Reason::kUnavailable);
  EXPECT_THAT(endings_->All(), ElementsAre("good", "unavailable"));
}

TEST_F(PollerTest, FiguresGoWhenTheyAreStale) {
  const auto poller = Make(/*stale_after=*/milliseconds(30));
  poller->PollOnce({});
  script_->Set(Play::kFail);
  poller->PollOnce({});
  EXPECT_TRUE(WaitFor([&] { return View()->report == nullptr; }, seconds(10), milliseconds(1)));
  poller->PollOnce({});
  EXPECT_EQ(View()->report, nullptr) << "and a further failure does not bring them back";
  EXPECT_TRUE(View()->last_success.has_value()) << "when it was last well is still known";
}

TEST_F(PollerTest, AFailureDoesNotProlongTheLifeOfFigures) {
  const auto poller = Make(/*stale_after=*/seconds(30));
  poller->PollOnce({});
  const SteadyTime expires = View()->expires;
  script_->Set(Play::kFail);
  poller->PollOnce({});
  EXPECT_EQ(View()->expires, expires);
}

TEST_F(PollerTest, AnExceptionIsAFailedPollAndOneError) {
  const auto poller = Make();
  script_->Set(Play::kThrow);
  testing::internal::CaptureStderr();
  EXPECT_FALSE(poller->PollOnce({}));
  EXPECT_FALSE(poller->PollOnce({}));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, AllOf(HasSubstr(" ERROR "), HasSubstr("a bug"), HasSubstr("report this")));
  EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
  EXPECT_FALSE(View()->up);
  EXPECT_EQ(View()->error->reason, Reason::kBadReply);
  EXPECT_THAT(View()->error->message, HasSubstr("a bug"));
  script_->Set(Play::kAnswer);
  EXPECT_TRUE(poller->PollOnce({})) << "and the next one is tried";
}

TEST_F(PollerTest, TheThreadPollsAgainAndAgain) {
  const auto poller = Make();
  poller->Start();
  EXPECT_TRUE(WaitFor([&] { return script_->polls() >= 5; }, seconds(10), milliseconds(1)));
  EXPECT_TRUE(View()->up);
}

TEST_F(PollerTest, ATargetThatComesBackIsUpAgain) {
  script_->Set(Play::kFail);
  const auto poller = Make();
  poller->Start();
  ASSERT_TRUE(Comes([](const TargetView& view) { return view.polled; }));
  EXPECT_FALSE(View()->up);
  script_->Set(Play::kAnswer);
  EXPECT_TRUE(Comes([](const TargetView& view) { return view.up && view.report; }));
  script_->Set(Play::kThrow);
  EXPECT_TRUE(Comes([](const TargetView& view) { return !view.up; }));
  script_->Set(Play::kAnswer);
  EXPECT_TRUE(Comes([](const TargetView& view) { return view.up; }));
}

TEST_F(PollerTest, FiguresOfATargetThatHangsGoInTime) {
  const auto poller = Make(/*stale_after=*/milliseconds(50));
  poller->Start();
  ASSERT_TRUE(Comes([](const TargetView& view) { return view.report != nullptr; }));
  script_->Set(Play::kHang);
  EXPECT_TRUE(Comes([](const TargetView& view) { return !view.report && !view.up && view.error; }));
  script_->Set(Play::kAnswer);
  EXPECT_TRUE(Comes([](const TargetView& view) { return view.report && view.up; }));
}

TEST_F(PollerTest, StoppingATargetThatHangsTakesMilliseconds) {
  script_->Set(Play::kHang);
  auto poller = Make();
  poller->Start();
  ASSERT_TRUE(WaitFor([&] { return script_->polls() > 0; }, seconds(10)));
  testing::internal::CaptureStderr();
  const auto begun = std::chrono::steady_clock::now();
  poller.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(2));
  EXPECT_FALSE(View()->polled) << "a poll that was broken off says nothing";
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "in the log neither";
  EXPECT_THAT(endings_->All(), ElementsAre("gone"));
}

TEST_F(PollerTest, StoppingDoesNotWaitForTheNextTick) {
  auto poller = Make(seconds(60), /*interval=*/std::chrono::hours(1));
  poller->Start();
  ASSERT_TRUE(Comes([](const TargetView& view) { return view.up; }));
  const auto begun = std::chrono::steady_clock::now();
  poller.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(2));
}

TEST_F(PollerTest, ARetiredPollerPublishesNothingMore) {
  const auto poller = Make();
  poller->Start();
  ASSERT_TRUE(Comes([](const TargetView& view) { return view.up; }));
  script_->Set(Play::kHangDeaf);
  const int polls = script_->polls();
  ASSERT_TRUE(WaitFor([&] { return script_->polls() > polls; }, seconds(10)));
  poller->Retire();
  board_.Arrange({});
  EXPECT_FALSE(poller->Ended()) << "it still hangs";
  script_->Set(Play::kAnswer);
  EXPECT_TRUE(WaitFor([&] { return poller->Ended(); }, seconds(10)));
  EXPECT_EQ(View(), nullptr) << "the late answer must not bring the target back";
}

TEST_F(PollerTest, TheLogTellsChangesAndNotPolls) {
  testing::internal::CaptureStderr();
  {
    const auto poller = Make();
    for (const Play play : {Play::kAnswer, Play::kAnswer, Play::kFail, Play::kFail,
                            Play::kForbidden, Play::kForbidden, Play::kAnswer, Play::kAnswer}) {
      script_->Set(play);
      poller->PollOnce({});
    }
  }
  std::vector<std::string> lines;
  std::istringstream log(testing::internal::GetCapturedStderr());
  for (std::string line; std::getline(log, line);) lines.push_back(line.substr(line.find('Z') + 2));
  EXPECT_THAT(lines,
              ElementsAre("INFO  redis target checkout: up (7.0.15, standalone)",
                          "WARN  redis target checkout: down: unavailable: connection refused",
                          "WARN  redis target checkout: down: unauthorized: NOPERM",
                          "INFO  redis target checkout: up (7.0.15, standalone)"));
}

}  // namespace
}  // namespace streamgauge
