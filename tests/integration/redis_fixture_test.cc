// The fixtures themselves: a test that relies on them must be able to trust them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <limits>

#include "support/http_get.h"
#include "support/loopback.h"
#include "support/metrics_page.h"
#include "support/process.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool Exists(pid_t pid) { return kill(pid, 0) == 0; }

TEST(Process, ReportsExitCodeAndOutput) {
  const Finished run = RunToEnd({.argv = {"sh", "-c", "echo $WORD; echo trouble >&2; exit 3"},
                                 .env = {{"WORD", "hello"}},
                                 .cwd = "/"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.out, "hello\n");
  EXPECT_EQ(run.err, "trouble\n");
}

TEST(Process, SaysThatAProgramDoesNotExist) {
  EXPECT_THROW(Process({.argv = {"/no/such/program"}, .env = {}, .cwd = {}}), std::runtime_error);
  EXPECT_THROW(Process({.argv = {"true"}, .env = {}, .cwd = "/no/such/folder"}),
               std::runtime_error);
}

TEST(Process, KillsWhatIgnoresSigterm) {
  Process process({.argv = {"sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"},
                   .env = {},
                   .cwd = {}});
  ASSERT_TRUE(WaitFor([&] { return process.Stdout() == "up\n"; }, seconds(10)));
  EXPECT_EQ(process.Stop(milliseconds(200)), 128 + SIGKILL);
}

TEST(Process, DoesNotOutliveTheProcessThatStartedIt) {
  const TempDir dir("outlive");  // the one that is killed cannot tidy up its own
  int to_parent[2];
  ASSERT_EQ(pipe(to_parent), 0);
  const pid_t middle = fork();
  if (middle == 0) {
    setenv("TMPDIR", dir.path().c_str(), 1);
    Process process({.argv = {"sleep", "1000"}, .env = {}, .cwd = {}});
    const pid_t pid = process.pid();
    if (write(to_parent[1], &pid, sizeof(pid)) < 0) _exit(1);
    pause();
    _exit(0);
  }
  pid_t grandchild = 0;
  ASSERT_EQ(read(to_parent[0], &grandchild, sizeof(grandchild)), ssize_t{sizeof(grandchild)});
  ASSERT_TRUE(Exists(grandchild));
  kill(middle, SIGKILL);
  EXPECT_TRUE(WaitFor([&] { return !Exists(grandchild); }, seconds(10)));
}

TEST(TempDir, GoesWithItsContent) {
  std::filesystem::path path;
  {
    const TempDir dir("gone");
    path = dir.path();
    EXPECT_EQ(ReadFile(dir.Write("file", "content")), "content");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(HttpGet, SaysThatNobodyListens) { EXPECT_EQ(HttpGet(FreePort(), "/").status, 0); }

TEST(MetricsPage, ReadsNamesLabelsEscapesAndInfinity) {
  const MetricsPage page = MetricsPage::Parse(
      "# TYPE a gauge\n"
      "a{x=\"1\",y=\"q\\\"\\n\\\\\"} 2.5\n"
      "a{x=\"2\"} +Inf 1700000000\n"
      "b 3\n");
  EXPECT_EQ(page.size(), 3U);
  EXPECT_EQ(page.Value("a", {{"y", "q\"\n\\"}}), 2.5);
  EXPECT_EQ(page.Value("a", {{"x", "2"}}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(page.Value("b"), 3);
  EXPECT_EQ(page.Value("b", {{"x", "1"}}), std::nullopt);
  EXPECT_THROW(page.Value("a"), std::runtime_error);
  for (const char* wrong : {"a", "a{x=\"1\" 2", "a{x=1} 2", "a two", "{} 1"}) {
    EXPECT_THROW(MetricsPage::Parse(wrong), std::runtime_error) << wrong;
  }
}

class RedisServerTest : public testing::TestWithParam<RedisKind> {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(GetParam()),
                        GetParam() == RedisKind::kRedis ? "redis-server: run tools/setup.sh test"
                                                        : "valkey-server: run tools/setup.sh test");
  }
};

INSTANTIATE_TEST_SUITE_P(Kinds, RedisServerTest,
                         testing::Values(RedisKind::kRedis, RedisKind::kValkey),
                         [](const auto& test) {
                           return test.param == RedisKind::kRedis ? "Redis" : "Valkey";
                         });

TEST_P(RedisServerTest, ServesStreamsAndReportsErrorsAsValuesOrExceptions) {
  RedisServer server({.kind = GetParam(), .arguments = {}});
  RedisClient client = server.Connect();
  EXPECT_EQ(client.Command({"XADD", "s", "1-1", "f", "v"}).text, "1-1");
  EXPECT_EQ(client.Command({"XINFO", "STREAM", "s"}).Field("length").integer, 1);
  EXPECT_TRUE(client.TryCommand({"XADD", "s", "1-1", "f", "v"}).IsError());
  EXPECT_THROW(client.Command({"XADD", "s", "1-1", "f", "v"}), std::runtime_error);
  const auto replies = client.Pipeline({{"XLEN", "s"}, {"GET", "none"}, {"XLEN"}});
  EXPECT_EQ(replies[0].integer, 1);
  EXPECT_TRUE(replies[1].IsNil());
  EXPECT_TRUE(replies[2].IsError());
}

TEST_P(RedisServerTest, ComesBackEmptyOnTheSamePort) {
  RedisServer server({.kind = GetParam(), .arguments = {}});
  RedisClient client = server.Connect();
  client.Command({"SET", "k", "v"});
  const auto port = server.port();
  server.Kill();
  EXPECT_THROW(client.Command({"PING"}), std::runtime_error);
  server.Start();
  EXPECT_EQ(server.port(), port);
  EXPECT_TRUE(client.Command({"GET", "k"}).IsNil());
}

TEST_P(RedisServerTest, PausedServerAcceptsAndDoesNotAnswer) {
  RedisServer server({.kind = GetParam(), .arguments = {}});
  server.Pause();
  RedisClient impatient(server.port(), milliseconds(200));
  EXPECT_THROW(impatient.Command({"PING"}), std::runtime_error);
  server.Resume();
  EXPECT_EQ(impatient.Command({"PING"}).text, "PONG");
}

}  // namespace
}  // namespace streamgauge::test
