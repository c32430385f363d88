#include "once.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "agent/fake_source.h"
#include "command_line.h"

namespace streamgauge {
namespace {

using test::FakeSource;
using test::Play;
using test::Script;
using testing::HasSubstr;
using testing::Not;

// What --once prints and returns for targets that play these parts.
struct Outcome {
  int exit_code = 0;
  std::string page;
};
Outcome Once(const std::map<std::string, Play>& plays) {
  Config config;
  for (const auto& [name, play] : plays) {
    TargetConfig target;
    target.name = name;
    config.targets.push_back(target);
  }
  std::ostringstream page;
  const int exit_code = RunOnce(
      config,
      [&plays](const TargetConfig& target, Duration) {
        auto script = std::make_shared<Script>();
        script->Set(plays.at(target.name));
        return std::make_unique<FakeSource>(script);
      },
      page);
  return {exit_code, page.str()};
}

TEST(OnceTest, AllTargetsAreOnThePage) {
  const Outcome outcome = Once({{"a", Play::kAnswer}, {"b", Play::kAnswer}});
  EXPECT_EQ(outcome.exit_code, kExitFine);
  EXPECT_THAT(outcome.page, HasSubstr("streamgauge_target_up{system=\"redis\",target=\"a\"} 1\n"));
  EXPECT_THAT(outcome.page, HasSubstr("streamgauge_target_up{system=\"redis\",target=\"b\"} 1\n"));
  EXPECT_THAT(outcome.page, HasSubstr("streamgauge_build_info{"));
}

TEST(OnceTest, AFailedTargetIsAnExitCodeAndTheOthersArePrinted) {
  testing::internal::CaptureStderr();
  const Outcome outcome =
      Once({{"a", Play::kAnswer}, {"b", Play::kForbidden}, {"c", Play::kThrow}});
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(outcome.exit_code, kExitFailed);
  EXPECT_THAT(outcome.page, HasSubstr("streamgauge_target_up{system=\"redis\",target=\"a\"} 1\n"));
  EXPECT_THAT(outcome.page, HasSubstr("streamgauge_target_up{system=\"redis\",target=\"b\"} 0\n"));
  EXPECT_THAT(outcome.page, Not(HasSubstr("NOPERM"))) << "error text is no label";
  EXPECT_THAT(log, HasSubstr("redis target b: down: unauthorized: NOPERM"));
  EXPECT_THAT(log, HasSubstr("redis target c: down: bad_reply: internal error: a bug"));
}

}  // namespace
}  // namespace streamgauge
