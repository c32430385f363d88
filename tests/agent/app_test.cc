#include "app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "agent/fake_source.h"
#include "support/http_get.h"
#include "support/temp_dir.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using std::chrono::seconds;
using test::FakeSource;
using test::HttpGet;
using test::Play;
using test::Script;
using test::WaitFor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string Target(const std::string& name, const std::string& more = "") {
  return "  - {name: " + name + ", type: redis, address: redis://h, poll_interval: 100ms" + more +
         "}\n";
}
std::string File(const std::string& targets, const std::string& top = "") {
  return "http: {listen: \"127.0.0.1:0\", enable_reload: true}\n" + top + "targets:\n" + targets;
}

class AppTest : public testing::Test {
 protected:
  void Start(const std::string& text) {
    Write(text);
    auto loaded = LoadCheckedConfig(file_, ProcessEnvironment());
    if (!loaded) throw std::runtime_error(Lines(loaded.error()));
    app_ = std::make_unique<App>(
        App::Options{.config_file = file_,
                     .environment = ProcessEnvironment(),
                     .make_source =
                         [this](const TargetConfig& target, Duration) {
                           return std::make_unique<FakeSource>(ScriptOf(target.name));
                         }},
        std::move(*loaded));
    const auto started = app_->Start();
    ASSERT_TRUE(started.has_value()) << started.error().message;
  }
  void Write(const std::string& text) { file_ = folder_.Write("agent.yml", text); }
  std::shared_ptr<Script> ScriptOf(const std::string& name) {
    auto& script = scripts_[name];
    if (!script) script = std::make_shared<Script>();
    return script;
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& view : app_->View().targets) names.push_back(view->name);
    return names;
  }
  bool AllUp() const {
    return WaitFor(
        [this] {
          const BoardView view = app_->View();
          return std::ranges::all_of(view.targets, [](const auto& target) { return target->up; });
        },
        seconds(10));
  }
  std::string Metrics() const { return HttpGet(app_->port(), "/metrics").body; }

  test::TempDir folder_;
  std::filesystem::path file_;
  std::map<std::string, std::shared_ptr<Script>> scripts_;
  std::unique_ptr<App> app_;
};

TEST_F(AppTest, ServesWhatItsTargetsSay) {
  Start(File(Target("a") + Target("b")));
  ASSERT_TRUE(AllUp());
  EXPECT_THAT(Metrics(), HasSubstr("streamgauge_target_up{system=\"redis\",target=\"a\"} 1\n"));
  EXPECT_THAT(Metrics(), HasSubstr("streamgauge_target_up{system=\"redis\",target=\"b\"} 1\n"));
  EXPECT_THAT(Metrics(), HasSubstr("streamgauge_config_last_reload_successful 1\n"));
  EXPECT_EQ(HttpGet(app_->port(), "/-/ready").status, 200);
}

TEST_F(AppTest, IsNotReadyBeforeEveryTargetWasTried) {
  ScriptOf("b")->Set(Play::kHang);
  Start(File(Target("a") + Target("b")));
  ASSERT_TRUE(WaitFor([&] { return ScriptOf("b")->polls() > 0; }, seconds(10)));
  EXPECT_EQ(HttpGet(app_->port(), "/-/ready").status, 503);
  ScriptOf("b")->Set(Play::kFail);
  EXPECT_TRUE(WaitFor([&] { return HttpGet(app_->port(), "/-/ready").status == 200; }, seconds(10)))
      << "down is an answer too";
}

TEST_F(AppTest, ATargetThatHangsDisturbsNobody) {
  ScriptOf("a")->Set(Play::kHang);
  Start(File(Target("a") + Target("b")));
  EXPECT_TRUE(WaitFor([&] { return ScriptOf("b")->polls() >= 3; }, seconds(10)));
  EXPECT_THAT(Metrics(), HasSubstr("streamgauge_target_up{system=\"redis\",target=\"b\"} 1\n"));
}

TEST_F(AppTest, AReloadKeepsWhatDidNotChange) {
  Start(File(Target("kept") + Target("changed") + Target("gone")));
  ASSERT_TRUE(AllUp());
  Write(File(Target("new") + Target("changed", ", max_streams: 7") + Target("kept")));
  EXPECT_EQ(app_->Reload(), "");
  EXPECT_THAT(Names(), ElementsAre("new", "changed", "kept")) << "in the file's new order";
  ASSERT_TRUE(AllUp());
  EXPECT_EQ(ScriptOf("kept")->sources(), 1) << "its source, and with it its history, goes on";
  EXPECT_EQ(ScriptOf("changed")->sources(), 2);
  EXPECT_EQ(ScriptOf("new")->sources(), 1);
  app_->Tick();
  const int polls = ScriptOf("kept")->polls();
  EXPECT_TRUE(WaitFor([&] { return ScriptOf("kept")->polls() > polls; }, seconds(10)));
  EXPECT_THAT(Metrics(), Not(HasSubstr("target=\"gone\"")));
}

TEST_F(AppTest, ARemovedTargetThatHangsGoesAtOnce) {
  Start(File(Target("a") + Target("b")));
  ASSERT_TRUE(AllUp());
  ScriptOf("b")->Set(Play::kHangDeaf);
  const int polls = ScriptOf("b")->polls();
  ASSERT_TRUE(WaitFor([&] { return ScriptOf("b")->polls() > polls; }, seconds(10)));
  Write(File(Target("a")));
  EXPECT_EQ(app_->Reload(), "");
  EXPECT_THAT(Names(), ElementsAre("a"));
  EXPECT_THAT(Metrics(), Not(HasSubstr("target=\"b\"")));
  ScriptOf("b")->Set(Play::kAnswer);
  app_.reset();
}

TEST_F(AppTest, SettingsOfAllTargetsRestartThemAll) {
  Start(File(Target("a") + Target("b")));
  ASSERT_TRUE(AllUp());
  Write(File(Target("a") + Target("b"), "signals: {window: 1m}\n"));
  EXPECT_EQ(app_->Reload(), "");
  EXPECT_EQ(ScriptOf("a")->sources(), 2);
  EXPECT_EQ(ScriptOf("b")->sources(), 2);
}

TEST_F(AppTest, ABadFileKeepsTheOldConfigurationRunning) {
  Start(File(Target("a")));
  ASSERT_TRUE(AllUp());
  Write(File(Target("b", ", max_streams: none")));
  EXPECT_THAT(app_->Reload(),
              HasSubstr("agent.yml:3: targets[0].max_streams: \"none\" is not a whole "
                        "number"));
  EXPECT_THAT(Names(), ElementsAre("a"));
  EXPECT_EQ(ScriptOf("a")->sources(), 1);
  EXPECT_THAT(Metrics(), HasSubstr("streamgauge_config_last_reload_successful 0\n"));
  Write(File(Target("b")));
  EXPECT_EQ(app_->Reload(), "");
  EXPECT_THAT(Names(), ElementsAre("b"));
  EXPECT_THAT(Metrics(), HasSubstr("streamgauge_config_last_reload_successful 1\n"));
}

TEST_F(AppTest, AChangedFileIsTakenByItself) {
  Start(File(Target("a")));
  Write(File(Target("a") + Target("b")));
  app_->Tick();
  app_->Tick();
  EXPECT_THAT(Names(), ElementsAre("a", "b"));
}

TEST_F(AppTest, ABadFileIsComplainedAboutOnce) {
  Start(File(Target("a")));
  Write("targets: 5\n");
  testing::internal::CaptureStderr();
  for (int i = 0; i < 5; ++i) app_->Tick();
  const std::string log = testing::internal::GetCapturedStderr();
  const auto first = log.find("the configuration was not reloaded");
  EXPECT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find("the configuration was not reloaded", first + 1), std::string::npos) << log;
}

TEST_F(AppTest, AfterAReloadByHandTheFileIsNoNews) {
  Start(File(Target("a")));
  for (const std::string& text : {File(Target("a") + Target("b")), std::string("targets: 5\n")}) {
    Write(text);
    app_->Reload();
    testing::internal::CaptureStderr();
    for (int i = 0; i < 3; ++i) app_->Tick();
    EXPECT_THAT(testing::internal::GetCapturedStderr(), Not(HasSubstr("configuration"))) << text;
  }
}

TEST_F(AppTest, PostReloadReloadsAndTellsProblems) {
  Start(File(Target("a")));
  Write(File(Target("a") + Target("b")));
  EXPECT_EQ(test::HttpRequest(app_->port(), "POST", "/-/reload").status, 200);
  EXPECT_THAT(Names(), ElementsAre("a", "b"));
  Write("targets: 5\n");
  const auto refused = test::HttpRequest(app_->port(), "POST", "/-/reload");
  EXPECT_GE(refused.status, 400);
  EXPECT_THAT(Names(), ElementsAre("a", "b"));
}

TEST_F(AppTest, AChangedListenAddressNeedsARestartAndSaysSo) {
  Start(File(Target("a")));
  Write("http: {listen: \"127.0.0.1:1\"}\ntargets:\n" + Target("a"));
  testing::internal::CaptureStderr();
  EXPECT_EQ(app_->Reload(), "");
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("http section has changed: that takes effect when the agent is started"));
  EXPECT_EQ(HttpGet(app_->port(), "/-/healthy").status, 200) << "the old address is still served";
}

TEST_F(AppTest, AnAddressInUseIsAnErrorAndNothingRuns) {
  Start(File(Target("a")));
  ASSERT_TRUE(AllUp());
  const test::TempDir folder;
  const auto file =
      folder.Write("agent.yml", "http: {listen: \"127.0.0.1:" + std::to_string(app_->port()) +
                                    "\"}\ntargets:\n" + Target("other"));
  App second({.config_file = file,
              .environment = ProcessEnvironment(),
              .make_source =
                  [this](const TargetConfig& target, Duration) {
                    return std::make_unique<FakeSource>(ScriptOf(target.name));
                  }},
             LoadCheckedConfig(file, ProcessEnvironment()).value());
  const auto started = second.Start();
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().reason, Reason::kUnavailable);
  EXPECT_THAT(started.error().message, HasSubstr(std::to_string(app_->port())));
  EXPECT_EQ(ScriptOf("other")->polls(), 0);
}

}  // namespace
}  // namespace streamgauge
