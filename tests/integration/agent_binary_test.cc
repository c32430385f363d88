// The binary itself: what it prints, how it ends, and that nothing keeps it from ending.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "build_paths.h"
#include "support/agent_process.h"
#include "support/http_get.h"
#include "support/kerberos_realm.h"
#include "support/loopback.h"
#include "support/metrics_page.h"
#include "support/process.h"
#include "support/redis_client.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/silent_server.h"
#include "support/temp_dir.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string RedisTarget(const std::string& name, std::uint16_t port, const std::string& more = "") {
  return "  - {name: " + name +
         ", type: redis, address: \"redis://127.0.0.1:" + std::to_string(port) + "\"" + more +
         "}\n";
}
std::string KafkaTarget(const std::string& name, std::uint16_t port) {
  return "  - {name: " + name + ", type: kafka, brokers: [\"127.0.0.1:" + std::to_string(port) +
         "\"]}\n";
}

class AgentBinaryTest : public testing::Test {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(AgentProcess::Available(), "the binary streamgauge");
  }

  using Environment = std::map<std::string, std::string>;

  static Finished Streamgauge(std::vector<std::string> arguments,
                              const Environment& environment = {}) {
    arguments.insert(arguments.begin(), build_paths::AgentBinary());
    return RunToEnd({.argv = std::move(arguments), .env = environment, .cwd = {}}, seconds(30));
  }
  Finished WithConfig(const std::string& config, const std::string& flag,
                      const Environment& environment = {}) {
    return Streamgauge({"--config", folder_.Write("agent.yml", config), flag}, environment);
  }

  TempDir folder_{"agent"};
};

TEST_F(AgentBinaryTest, HelpAndVersionArePrintedAndFine) {
  for (const auto* flag : {"--help", "--version"}) {
    const Finished finished = Streamgauge({flag});
    EXPECT_EQ(finished.exit_code, 0) << flag;
    EXPECT_THAT(finished.out, HasSubstr("streamgauge ")) << flag;
    EXPECT_EQ(finished.err, "") << flag;
  }
}

TEST_F(AgentBinaryTest, WrongUsageIsExitCode2) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"--nonsense"}, {"chekc", "--config", "x"}, {"--once"}}) {
    const Finished finished = Streamgauge(arguments);
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, HasSubstr("Try: streamgauge --help"));
  }
}

TEST_F(AgentBinaryTest, CheckConfigTellsEveryProblemAndIsExitCode2) {
  const Finished finished = WithConfig(
      "poll_interval: 5x\n"
      "targets:\n"
      "  - {name: a, type: redis, adress: x}\n"
      "  - {name: b, type: kafka, brokers: [\"h:1\"], properties: {sasl.pasword: hunter2, "
      "security.protocol: nonsense}}\n",
      "--check-config");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_EQ(finished.out, "");
  EXPECT_THAT(finished.err,
              AllOf(HasSubstr("agent.yml:1: poll_interval: \"5x\" is not a duration"),
                    HasSubstr("agent.yml:3: targets[0].adress: unknown key; did you mean address?"),
                    HasSubstr("agent.yml:4: targets[1].properties[\"sasl.pasword\"]: is not a "
                              "property of librdkafka"),
                    HasSubstr("agent.yml:4: targets[1].properties[\"security.protocol\"]: has a "
                              "value that librdkafka refuses"),
                    Not(HasSubstr("hunter2"))));
}

TEST_F(AgentBinaryTest, CheckConfigOfAGoodFileConnectsToNothing) {
  const Finished finished =
      WithConfig("targets:\n" + RedisTarget("a", 1) + KafkaTarget("b", 1), "--check-config");
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("fine, 2 targets\n"));
  EXPECT_EQ(finished.err, "");
}

TEST_F(AgentBinaryTest, CheckConfigTellsWhatKerberosLacksHere) {
  STREAMGAUGE_REQUIRE(KerberosRealm::Available(), "MIT Kerberos: run tools/setup.sh test");
  struct Row {
    std::string properties;
    Environment environment;
    const char* told;
  };
  const Environment no_plugin = {{"SASL_PATH", folder_.path()}};
  const Environment no_kinit = {{"PATH", folder_.path()}};
  const std::string keytab = ", sasl.kerberos.keytab: " + folder_.Write("keytab", "").string();
  const std::string kerberos = "security.protocol: SASL_SSL, sasl.mechanisms: GSSAPI";
  const char* own =
      "security.protocol: SASL_SSL, sasl.mechanism: GSSAPI, "
      "sasl.kerberos.kinit.cmd: refresh-tickets";
  const Row rows[] = {
      {kerberos + keytab, {}, ""},
      {kerberos, {}, "[\"sasl.mechanisms\"]: GSSAPI needs sasl.kerberos.keytab"},
      {kerberos + keytab, no_plugin,
       "[\"sasl.mechanisms\"]: GSSAPI needs libsasl2's GSSAPI plug-in"},
      {kerberos + keytab, no_kinit, "[\"sasl.mechanisms\"]: GSSAPI needs the command kinit"},
      {own, no_plugin, "[\"sasl.mechanism\"]: GSSAPI needs libsasl2's GSSAPI plug-in"},
      {own, no_kinit, ""},
      {"security.protocol: SASL_SSL", {}, "[\"security.protocol\"]: asks for a log-in: set"},
  };
  for (const Row& row : rows) {
    const std::string begin =
        "targets:\n  - {name: b, type: kafka, brokers: [\"h:1\"], properties: {";
    const Finished finished =
        WithConfig(begin + row.properties + "}}\n", "--check-config", row.environment);
    EXPECT_EQ(finished.exit_code, *row.told == '\0' ? 0 : 2) << row.properties << finished.err;
    EXPECT_THAT(finished.err, HasSubstr(row.told));
  }
}

TEST_F(AgentBinaryTest, CheckConfigLooksFurtherThanAStart) {
  const Finished finished = WithConfig(
      "targets:\n  - {name: b, type: kafka, brokers: [\"h:1\"], properties: {security.protocol: "
      "ssl, "
      "ssl.ca.location: /nope}}\n",
      "--check-config");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, HasSubstr("[\"ssl.ca.location\"]: cannot be read: /nope"));
  EXPECT_EQ(std::ranges::count(finished.err, '\n'), 1) << finished.err;
}

TEST_F(AgentBinaryTest, ABadFileIsExitCode2InEveryMode) {
  for (const auto* flag : {"--once", "--check-config"}) {
    EXPECT_EQ(WithConfig("targets: []\n", flag).exit_code, 2) << flag;
  }
  EXPECT_EQ(Streamgauge({"--config", folder_.path() / "agent.yml"}).exit_code, 2);
  EXPECT_EQ(Streamgauge({"--config", "/nonexistent"}).exit_code, 2);
}

TEST_F(AgentBinaryTest, OncePrintsWhatIsThere) {
  STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis), "redis-server");
  RedisServer redis;
  RedisClient client = redis.Connect();
  client.Command({"XADD", "orders", "*", "a", "1"});
  client.Command({"XGROUP", "CREATE", "orders", "billing", "0"});
  client.Command({"XGROUP", "CREATE", "orders", "active", "0"});
  client.Command({"XREADGROUP", "GROUP", "active", "c1", "STREAMS", "orders", ">"});
  const Finished finished = WithConfig("targets:\n" + RedisTarget("r", redis.port()), "--once");
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  const MetricsPage page = MetricsPage::Parse(finished.out);
  EXPECT_EQ(page.Value("streamgauge_target_up", {{"target", "r"}}), 1);
  EXPECT_EQ(page.Value("streamgauge_group_lag", {{"stream", "orders"}, {"group", "billing"}}), 1);
  EXPECT_TRUE(page.Find("streamgauge_group_drain_seconds").empty()) << "that needs two polls";
  EXPECT_EQ(
      page.Value("streamgauge_group_state", {{"group", "billing"}, {"state", "no_consumers"}}), 1);
  EXPECT_EQ(page.Value("streamgauge_group_state", {{"group", "active"}, {"state", "unknown"}}), 1)
      << "a verdict on progress needs two polls";
}

TEST_F(AgentBinaryTest, OnceWithAFailedTargetIsExitCode1AndPrintsTheOthers) {
  STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis), "redis-server");
  RedisServer redis;
  const Finished finished = WithConfig(
      "targets:\n" + RedisTarget("good", redis.port()) + RedisTarget("down", 1), "--once");
  EXPECT_EQ(finished.exit_code, 1);
  const MetricsPage page = MetricsPage::Parse(finished.out);
  EXPECT_EQ(page.Value("streamgauge_target_up", {{"target", "good"}}), 1);
  EXPECT_EQ(page.Value("streamgauge_target_up", {{"target", "down"}}), 0);
  EXPECT_THAT(finished.err, HasSubstr("redis target down: down: unavailable: "));
}

TEST_F(AgentBinaryTest, TermAndIntStopWithinFiveSecondsAlsoWhenTargetsHang) {
  const SilentServer silent;
  for (const int signal : {SIGTERM, SIGINT}) {
    AgentProcess agent({.configuration = "targets:\n" + RedisTarget("r", silent.port()) +
                                         KafkaTarget("k", silent.port()),
                        .arguments = {},
                        .env = {}});
    ASSERT_TRUE(
        WaitFor([&] { return agent.Log().find(" watches 2 ") != std::string::npos; }, seconds(10)))
        << "both are being polled";
    agent.process().Signal(signal);
    const auto exit_code = agent.process().Wait(seconds(5));
    ASSERT_TRUE(exit_code.has_value()) << "still running after five seconds";
    EXPECT_EQ(exit_code, 0);
    EXPECT_THAT(agent.Log(), HasSubstr("stopping"));
    EXPECT_THAT(agent.Log(), Not(HasSubstr("leaving all the same"))) << "it stopped by itself";
  }
}

TEST_F(AgentBinaryTest, ATargetThatIsDownAtStartIsReportedAndComesUp) {
  STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis), "redis-server");
  RedisServer redis;
  redis.Stop();
  AgentProcess agent({.configuration = "poll_interval: 200ms\ntargets:\n" +
                                       RedisTarget("r", redis.port()) + RedisTarget("never", 1),
                      .arguments = {},
                      .env = {}});
  agent.WaitUntilReady();
  EXPECT_EQ(agent.Metrics().Value("streamgauge_target_up", {{"target", "r"}}), 0);
  redis.Start();
  const auto up = [&] {
    return agent.Metrics().Value("streamgauge_target_up", {{"target", "r"}}) == 1;
  };
  EXPECT_TRUE(WaitFor(up, seconds(10))) << agent.Log();
  EXPECT_THAT(agent.Log(), HasSubstr("redis target r: up (7."));
  redis.Kill();
  EXPECT_TRUE(WaitFor([&] { return !up(); }, seconds(10)));
  redis.Start();
  EXPECT_TRUE(WaitFor(up, seconds(10))) << agent.Log();
}

TEST_F(AgentBinaryTest, FiguresOfATargetThatHangsGoAfterStaleAfter) {
  STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis), "redis-server");
  RedisServer redis;
  RedisClient client = redis.Connect();
  client.Command({"XADD", "orders", "*", "a", "1"});
  AgentProcess agent({.configuration = "poll_interval: 500ms\nstale_after: 1s\ntargets:\n" +
                                       RedisTarget("r", redis.port()),
                      .arguments = {},
                      .env = {}});
  agent.WaitUntilReady();
  const auto length = [&] { return agent.Metrics().Value("streamgauge_stream_length"); };
  EXPECT_EQ(length(), 1);
  redis.Pause();
  EXPECT_TRUE(WaitFor([&] { return !length().has_value(); }, seconds(10)));
  EXPECT_EQ(agent.Metrics().Value("streamgauge_target_up"), 0);
  redis.Resume();
  EXPECT_TRUE(WaitFor([&] { return length() == 1; }, seconds(10))) << agent.Log();
}

TEST_F(AgentBinaryTest, HangupReloadsAndABadFileChangesNothing) {
  AgentProcess agent(
      {.configuration = "targets:\n" + RedisTarget("a", 1), .arguments = {}, .env = {}});
  const auto has = [&](const std::string& target) {
    return !agent.Metrics().Find("streamgauge_target_up", {{"target", target}}).empty();
  };
  agent.WaitUntilReady();
  EXPECT_TRUE(has("a"));
  agent.Reload("targets:\n" + RedisTarget("b", 1));
  EXPECT_TRUE(WaitFor([&] { return has("b") && !has("a"); }, seconds(10))) << agent.Log();
  agent.Reload("targets:\n" + RedisTarget("c", 1, ", nonsense: 1"));
  EXPECT_TRUE(WaitFor(
      [&] { return agent.Metrics().Value("streamgauge_config_last_reload_successful") == 0; },
      seconds(10)));
  EXPECT_TRUE(has("b"));
  EXPECT_THAT(agent.Log(), HasSubstr("targets[0].nonsense: unknown key"));
}

TEST_F(AgentBinaryTest, ASwappedLinkIsNoticed) {
  // As Kubernetes lays a ConfigMap out.
  const auto& root = folder_.path();
  std::filesystem::create_directories(root / "..one");
  std::filesystem::create_directories(root / "..two");
  const std::uint16_t port = FreePort();
  const std::string http = "http: {listen: \"127.0.0.1:" + std::to_string(port) + "\"}\n";
  folder_.Write("..one/agent.yml", http + "targets:\n" + RedisTarget("one", 1));
  folder_.Write("..two/agent.yml", http + "targets:\n" + RedisTarget("two", 1));
  std::filesystem::create_directory_symlink("..one", root / "..data");
  std::filesystem::create_symlink("..data/agent.yml", root / "agent.yml");
  Process agent(
      {.argv = {build_paths::AgentBinary(), "--config", root / "agent.yml"}, .env = {}, .cwd = {}});
  const auto shows = [&](const std::string& target) {
    return HttpGet(port, "/metrics").body.find("target=\"" + target + "\"") != std::string::npos;
  };
  ASSERT_TRUE(WaitFor([&] { return shows("one"); }, seconds(10))) << agent.OutputTail();
  std::filesystem::create_directory_symlink("..two", root / "..data_tmp");
  std::filesystem::rename(root / "..data_tmp", root / "..data");
  EXPECT_TRUE(WaitFor([&] { return shows("two") && !shows("one"); }, seconds(10)))
      << agent.OutputTail();
}

TEST_F(AgentBinaryTest, APortInUseIsExitCode1) {
  const SilentServer taken;
  const Finished finished = Streamgauge(
      {"--config",
       folder_.Write("agent.yml", "http: {listen: \"127.0.0.1:" + std::to_string(taken.port()) +
                                      "\"}\ntargets:\n" + RedisTarget("a", 1))});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.err, HasSubstr(std::to_string(taken.port())));
}

TEST_F(AgentBinaryTest, NoSecretIsEverShown) {
  STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis), "redis-server");
  RedisServer redis({.kind = RedisKind::kRedis, .arguments = {"--requirepass", "hunter2"}});
  folder_.Write("good", "hunter2\n");
  const std::string targets =
      "log: {level: debug}\ntargets:\n" +
      RedisTarget("env", redis.port(), ", password: \"${STREAMGAUGE_TEST_PASSWORD}\"") +
      RedisTarget("file", redis.port(), ", password_file: good") +
      RedisTarget("wrong", redis.port(), ", password: hunter3") +
      "  - {name: url, type: redis, address: \"redis://:hunter2@127.0.0.1:" +
      std::to_string(redis.port()) + "\"}\n";
  const Finished finished = RunToEnd({.argv = {build_paths::AgentBinary(), "--config",
                                               folder_.Write("agent.yml", targets), "--once"},
                                      .env = {{"STREAMGAUGE_TEST_PASSWORD", "hunter2"}},
                                      .cwd = {}},
                                     seconds(30));
  EXPECT_EQ(finished.exit_code, 1) << "one password is wrong";
  const MetricsPage page = MetricsPage::Parse(finished.out);
  for (const auto* target : {"env", "file", "url"}) {
    EXPECT_EQ(page.Value("streamgauge_target_up", {{"target", target}}), 1) << target;
  }
  EXPECT_EQ(page.Value("streamgauge_target_up", {{"target", "wrong"}}), 0);
  EXPECT_THAT(finished.err, HasSubstr("redis target wrong: down: unauthorized"));
  EXPECT_THAT(finished.out + finished.err, Not(HasSubstr("hunter")));
}

}  // namespace
}  // namespace streamgauge::test
