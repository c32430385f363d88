// `streamgauge explain` on real servers: what it prints is what the same polls have computed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "build_paths.h"
#include "explain/explain.h"
#include "support/process.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/temp_dir.h"

namespace streamgauge {
namespace {

using test::RedisClient;
using test::RedisKind;
using test::RedisServer;
using testing::HasSubstr;
using testing::Not;

class ExplainRedis : public testing::TestWithParam<RedisKind> {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(GetParam()), "a server: run tools/setup.sh test");
    server_ = std::make_unique<RedisServer>(test::RedisServerOptions{.kind = GetParam()});
    client_ = std::make_unique<RedisClient>(server_->port());
    redis_.addresses = {{.host = "127.0.0.1", .port = server_->port()}};
    request_ = {.target = "local", .stream = "s", .group = "g", .polls = 2, .every = Duration(20)};
  }

  void MakeGroup(int entries, int read) {
    client_->Command({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
    for (int i = 0; i < entries; ++i) client_->Command({"XADD", "s", "*", "k", "v"});
    if (read == 0) return;
    client_->Command(
        {"XREADGROUP", "GROUP", "g", "c", "COUNT", std::to_string(read), "STREAMS", "s", ">"});
  }

  ExplainOutcome Explain() {
    Config config;
    config.targets.resize(1);
    config.targets[0].name = "local";
    config.targets[0].backbone = redis_;
    std::ostringstream out;
    std::ostringstream err;
    const ExplainOutcome outcome = RunExplain(config, MakeSource, request_, out, err);
    out_ = out.str();
    err_ = err.str();
    std::istringstream lines(out_);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
    return outcome;
  }

  RedisTargetConfig redis_;
  ExplainRequest request_;
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<RedisClient> client_;
  std::string out_;
  std::string err_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, ExplainRedis,
                         testing::Values(RedisKind::kRedis, RedisKind::kValkey),
                         [](const auto& test) {
                           return test.param == RedisKind::kRedis ? "Redis" : "Valkey";
                         });

TEST_P(ExplainRedis, ALagInTheMiddleIsCountedAndThenCalibrated) {
  MakeGroup(6, 2);
  request_.polls = 1;
  ASSERT_EQ(Explain(), ExplainOutcome::kExplained) << err_;
  for (const char* line :
       {"  L  length                         6\n", "  A  entries-added                  6\n",
        "  no   rule 3: D is the first entry: L - 1\n",
        "  no   rule 4: (A - R) - S, where S is what that was off by earlier -- no lag was known",
        "  yes  rule 5: counted from both ends", "  =    lag: 4 (counted)\n",
        "  =    headroom_messages: 2 = L - lag\n", "  =    pending: 2\n",
        "  =    backlog = lag + pending: 6\n", "  =    state: unknown\n"}) {
    EXPECT_THAT(out_, HasSubstr(line));
  }
  request_.polls = 2;
  ASSERT_EQ(Explain(), ExplainOutcome::kExplained);
  EXPECT_THAT(out_, HasSubstr("  =    lag: 4 (calibrated) = (6 - 2) - 0\n"));
}

TEST_P(ExplainRedis, AnUnreadGroupIsExactAndAnEmptyOneHasNothingLeft) {
  MakeGroup(3, 0);
  ASSERT_EQ(Explain(), ExplainOutcome::kExplained) << err_;
  EXPECT_THAT(out_, HasSubstr("  yes  rule 2: D is before the first entry: L\n"));
  EXPECT_THAT(out_, HasSubstr("  =    lag: 3 (exact)\n"));
  EXPECT_THAT(out_, HasSubstr("  yes  no_consumers -- something is unfinished: yes"));
  EXPECT_THAT(out_, HasSubstr("\n  no_consumers: "));
  client_->Command({"XTRIM", "s", "MAXLEN", "0"});
  ASSERT_EQ(Explain(), ExplainOutcome::kExplained);
  EXPECT_THAT(out_, HasSubstr("  yes  rule 1: the stream is empty: 0\n"));
  EXPECT_THAT(out_, HasSubstr("  =    drain_seconds: 0: nothing is left\n"));
}

TEST_P(ExplainRedis, AnUnknownLagSaysWhy) {
  MakeGroup(40, 20);
  redis_.count_limit = 1;
  redis_.streams.include = {"s"};
  client_->Command({"ACL", "SETUSER", "few", "on", "nopass", "~*", "+@all", "-xrange"});
  redis_.username = "few";
  redis_.password = Secret::FromText("any");
  ASSERT_EQ(Explain(), ExplainOutcome::kExplained) << err_;
  EXPECT_THAT(out_, HasSubstr("  no   rule 5: counted from both ends of what is unknown -- an "
                              "answer was an error\n"));
  EXPECT_THAT(out_, HasSubstr("  =    lag: unknown, between 1 and L - 1\n"));
  EXPECT_THAT(out_, HasSubstr("  no   the oldest unread entry is known\n"));
  EXPECT_THAT(out_, HasSubstr("  =    drain_seconds: unknown, as the backlog is\n"));
}

TEST_P(ExplainRedis, WhatIsNotThereIsAnErrorWithTheNearestName) {
  MakeGroup(1, 0);
  client_->Command({"XADD", "orders:eu", "*", "k", "v"});
  struct Row {
    const char* stream;
    const char* group;
    const char* said;
  };
  for (const Row& row :
       {Row{"ordres:eu", "g", "target local has no stream ordres:eu; did you mean orders:eu?\n"},
        Row{"orders:eu", "g", "stream orders:eu of target local has no group g (it has none)\n"},
        Row{"s", "h", "stream s of target local has no group h; did you mean g?\n"}}) {
    request_.stream = row.stream;
    request_.group = row.group;
    EXPECT_EQ(Explain(), ExplainOutcome::kFailed);
    EXPECT_EQ(err_, std::string("streamgauge: ") + row.said);
    EXPECT_EQ(out_, "");
  }
  redis_.streams.exclude = {"orders:*"};
  request_ = {.target = "local", .stream = "orders:eu", .group = "g", .polls = 1};
  EXPECT_EQ(Explain(), ExplainOutcome::kFailed);
  EXPECT_THAT(err_, HasSubstr("has no stream orders:eu: the target's streams leave it out"));
  redis_.streams.exclude = {};
  redis_.groups.exclude = {"g"};
  request_.stream = "s";
  EXPECT_EQ(Explain(), ExplainOutcome::kFailed);
  EXPECT_THAT(err_, HasSubstr("has no group g: the target's groups leave it out\n"));
  request_.stream = "nowhere";
  EXPECT_EQ(Explain(), ExplainOutcome::kFailed);
  EXPECT_THAT(err_, HasSubstr("has no stream nowhere\n")) << "whatever groups are watched";
  request_.target = "locla";
  EXPECT_EQ(Explain(), ExplainOutcome::kNoTarget);
  EXPECT_EQ(err_, "streamgauge: no target locla; did you mean local? (targets: local)\n");
}

TEST_P(ExplainRedis, AServerThatIsGoneIsAnError) {
  server_->Stop();
  EXPECT_EQ(Explain(), ExplainOutcome::kFailed);
  EXPECT_THAT(err_, HasSubstr("redis target local: unavailable: "));
}

TEST_P(ExplainRedis, TheBinaryKnowsBothCommandsAndTheirExitCodes) {
  MakeGroup(6, 2);
  client_->Command({"ACL", "SETUSER", "default", ">s3cret"});
  const test::TempDir dir("commands");
  const std::string file = dir.Write(
      "agent.yml", "targets: [{name: local, type: redis, password: s3cret, address: \"redis://" +
                       server_->address() + "\"}]\n");
  struct Row {
    std::vector<std::string> arguments;
    int code;
    const char* out;
    const char* err;
  };
  const Row rows[] = {
      {{"check", "--config", file}, 0, "1 target: 1 would work, 0 would not\n", ""},
      {{"explain", "--config", file, "local", "s", "g", "--polls", "1"}, 0, "lag: 4 (counted)", ""},
      {{"explain", "--config", file, "local", "s", "h"}, 1, "", "has no group h"},
      {{"explain", "--config", file, "other", "s", "g"}, 2, "", "no target other"},
      {{"explain", "--config", file, "local", "s"}, 2, "", "GROUP"},
      {{"check"}, 2, "", "--config FILE is missing"},
  };
  for (const Row& row : rows) {
    std::vector<std::string> argv = {build_paths::AgentBinary()};
    argv.insert(argv.end(), row.arguments.begin(), row.arguments.end());
    const auto done = test::RunToEnd({.argv = argv, .env = {}, .cwd = {}});
    EXPECT_EQ(done.exit_code, row.code) << done.out << done.err;
    EXPECT_THAT(done.out, HasSubstr(row.out));
    EXPECT_THAT(done.err, HasSubstr(row.err));
    EXPECT_EQ(done.out.empty(), row.code != 0) << "results go to stdout";
    EXPECT_EQ(done.err.empty(), row.code == 0) << "errors go to stderr";
    EXPECT_THAT(done.out + done.err, Not(HasSubstr("s3cret")));
  }
  server_->Stop();
  const auto gone = test::RunToEnd(
      {.argv = {build_paths::AgentBinary(), "check", "--config", file}, .env = {}, .cwd = {}});
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_THAT(gone.out, HasSubstr("FAIL  connect: failed: unavailable: "));
}

}  // namespace
}  // namespace streamgauge
