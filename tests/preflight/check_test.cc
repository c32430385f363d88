#include "preflight/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "agent/fake_source.h"
#include "preflight/target_check.h"

namespace streamgauge {
namespace {

using test::FakeSource;
using test::Play;
using test::Script;
using testing::HasSubstr;
using namespace std::chrono_literals;

struct Printed {
  CheckOutcome outcome;
  std::string text;
};

using Scripts = std::map<std::string, std::shared_ptr<Script>>;

Scripts ScriptsOf(const std::map<std::string, Play>& plays) {
  Scripts scripts;
  for (const auto& [name, play] : plays) {
    scripts[name] = std::make_shared<Script>();
    scripts[name]->Set(play);
  }
  return scripts;
}

Printed Check(const Scripts& scripts, Duration deadline = 10s) {
  Config config;
  for (const auto& [name, script] : scripts) {
    TargetConfig target;
    target.name = name;
    target.backbone = RedisTargetConfig{.addresses = {{.host = "h"}}};
    config.targets.push_back(target);
  }
  std::ostringstream out;
  const CheckOutcome outcome = RunCheck(
      config,
      [scripts](const TargetConfig& target, Duration) {
        return std::make_unique<FakeSource>(scripts.at(target.name));
      },
      deadline, out);
  return {outcome, out.str()};
}

TEST(CheckTest, AllTargetsArePrintedInTheirOrder) {
  const Printed printed = Check(ScriptsOf({{"a", Play::kAnswer}, {"b", Play::kAnswer}}));
  EXPECT_TRUE(printed.outcome.all_work);
  EXPECT_LT(printed.text.find("a (redis, h:6379): works"), printed.text.find("b (redis, h:6379)"));
}

// A target of so many streams, of which nothing but the length is known.
class LengthsSource : public Source {
 public:
  explicit LengthsSource(int streams) : count_(streams) {}

  Result<Reading> Poll(std::stop_token) override {
    Reading reading;
    reading.time = WallNow();
    for (int i = 0; i < count_; ++i) {
      StreamReading& stream = reading.streams.emplace_back();
      stream.name = names_.Intern("stream" + std::to_string(i));
      stream.length = 1;
    }
    return reading;
  }
  const Telemetry& telemetry() const override { return telemetry_; }

 private:
  int count_;
  NameTable names_{NameKind::kStream};
  Telemetry telemetry_;
};

TEST(CheckTest, SeriesAreThoseOfThePage) {
  Config config;
  config.targets.resize(1);
  config.targets[0].backbone = RedisTargetConfig{.addresses = {{.host = "h"}}};
  const auto series = [&](int streams) {
    LengthsSource source(streams);
    return CheckTarget(config.targets[0], config, source, {}).inventory->series;
  };
  const auto of_the_target_alone = series(0);
  EXPECT_EQ(series(1), of_the_target_alone + 1);
  EXPECT_EQ(series(5000), of_the_target_alone + 5000) << "over many chunks of the page";
}

// Asks for much once and for little later, as sources do.
class WarmingSource : public Source {
 public:
  Result<Reading> Poll(std::stop_token) override {
    telemetry_.requests["time"] += telemetry_.round_trips == 0 ? 100 : 3;
    ++telemetry_.round_trips;
    telemetry_.received_bytes += 50;
    Reading reading;
    reading.time = WallNow();
    return reading;
  }
  const Telemetry& telemetry() const override { return telemetry_; }

 private:
  Telemetry telemetry_;
};

TEST(CheckTest, TheCostIsOfOnePollAndTheFirstOneIsToldApart) {
  Config config;
  config.targets.resize(1);
  config.targets[0].backbone = RedisTargetConfig{.addresses = {{.host = "h"}}};
  WarmingSource source;
  const TargetCheck check = CheckTarget(config.targets[0], config, source, {});
  ASSERT_TRUE(check.first_poll && check.steady_poll);
  EXPECT_EQ(check.first_poll->requests, 100U);
  EXPECT_EQ(check.steady_poll->requests, 3U);
  EXPECT_EQ(check.steady_poll->round_trips, 1U);
  EXPECT_EQ(check.steady_poll->received_bytes, 50U);
}

TEST(CheckTest, OneThatFailsDoesNotKeepTheOthersFromBeingTried) {
  const Printed printed =
      Check(ScriptsOf({{"a", Play::kFail}, {"b", Play::kThrow}, {"c", Play::kAnswer}}));
  EXPECT_FALSE(printed.outcome.all_work);
  EXPECT_FALSE(printed.outcome.threads_left);
  EXPECT_THAT(printed.text, HasSubstr("unavailable: connection refused"));
  EXPECT_THAT(printed.text, HasSubstr("internal error: a bug"));
  EXPECT_THAT(printed.text, HasSubstr("c (redis, h:6379): works"));
  EXPECT_THAT(printed.text, HasSubstr("3 targets: 1 would work, 2 would not"));
}

TEST(CheckTest, ASourceThatHangsIsToldToStop) {
  const Printed printed = Check(ScriptsOf({{"a", Play::kHang}, {"b", Play::kAnswer}}), 300ms);
  EXPECT_FALSE(printed.outcome.all_work);
  EXPECT_FALSE(printed.outcome.threads_left);
  EXPECT_THAT(printed.text, HasSubstr("timeout: "));
}

TEST(CheckTest, ASourceThatIsDeafIsLeftBehind) {
  const Scripts scripts = ScriptsOf({{"a", Play::kHangDeaf}, {"b", Play::kAnswer}});
  const Printed printed = Check(scripts, 300ms);
  EXPECT_FALSE(printed.outcome.all_work);
  EXPECT_TRUE(printed.outcome.threads_left);
  EXPECT_THAT(printed.text, HasSubstr("not done within"));
  EXPECT_THAT(printed.text, HasSubstr("b (redis, h:6379): works"));
  scripts.at("a")->Set(Play::kAnswer);  // its thread ends
}

}  // namespace
}  // namespace streamgauge
