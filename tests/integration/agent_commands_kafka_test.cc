// `streamgauge check` on a real Kafka that denies everything which is not granted: the commands
// that it prints are run by Kafka's own tool, and then nothing is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "explain/explain.h"
#include "preflight/check.h"
#include "sources.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"
#include "support/printed_grants.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using test::KafkaBroker;
using test::KafkaClient;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

const std::map<std::string, std::string> kUsers = {
    {"all", "s3cret"}, {"few", "s3cret"}, {"none", "s3cret"}, {"prefix", "s3cret"}};

class CheckKafka : public testing::Test {
 protected:
  struct Printed {
    bool works = false;
    std::string text;
  };

  static void SetUpTestSuite() {
    if (!KafkaBroker::Available()) return;
    // The broker itself and the tests are ANONYMOUS, who may do all.
    broker_ =
        new KafkaBroker({.properties = {{"authorizer.class.name",
                                         "org.apache.kafka.metadata.authorizer.StandardAuthorizer"},
                                        {"super.users", "User:ANONYMOUS"}},
                         .sasl_users = kUsers});
    KafkaClient client = broker_->Connect();
    client.CreateTopic("orders.eu", 2);
    client.Produce("orders.eu", 0, 10);
    client.CommitOffsets("billing", {{"orders.eu", 0, 4}});
  }
  static void TearDownTestSuite() {
    delete broker_;
    broker_ = nullptr;
  }
  void SetUp() override {
    STREAMGAUGE_REQUIRE(KafkaBroker::Available(), "Kafka and Java: run tools/setup.sh test");
  }

  static Printed Check(const std::string& user, const std::vector<std::string>& topics = {"*"},
                       const std::vector<std::string>& groups = {"*"},
                       KafkaOffsets offsets = KafkaOffsets::kAuto) {
    KafkaTargetConfig kafka;
    kafka.brokers = {broker_->sasl_bootstrap()};
    kafka.properties = {{"security.protocol", "SASL_PLAINTEXT"},
                        {"sasl.mechanisms", "PLAIN"},
                        {"sasl.username", user},
                        {"sasl.password", "s3cret"}};
    kafka.streams.include = topics;
    kafka.groups.include = groups;
    kafka.offsets = offsets;
    Config config;
    config.targets.resize(1);
    config.targets[0].name = "events";
    config.targets[0].backbone = kafka;
    std::ostringstream out;
    const CheckOutcome outcome = RunCheck(config, MakeSource, 60s, out);
    EXPECT_FALSE(outcome.threads_left);
    EXPECT_THAT(out.str(), Not(HasSubstr("s3cret")));
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
    return {outcome.all_work, out.str()};
  }

  // Runs what was printed, on the port where the tests may do all.
  static void ApplyGrants(const Printed& printed) {
    for (std::vector<std::string> words : test::PrintedGrants(printed.text)) {
      ASSERT_GT(words.size(), 3U);
      EXPECT_EQ(words[0], "kafka-acls.sh");
      EXPECT_EQ(words[2], broker_->sasl_bootstrap());
      words[2] = broker_->bootstrap();
      words.erase(words.begin());
      const auto granted = broker_->RunTool("org.apache.kafka.tools.AclCommand", words);
      ASSERT_EQ(granted.exit_code, 0) << granted.out << granted.err;
    }
  }

  static KafkaBroker* broker_;
};
KafkaBroker* CheckKafka::broker_ = nullptr;

TEST_F(CheckKafka, WhoMayDoNothingIsToldWhatToGrantAndThatSuffices) {
  const Printed before = Check("none");
  EXPECT_FALSE(before.works);
  for (const char* right :
       {"FAIL  Describe Topic *: refused", "FAIL  Describe Group *: refused",
        "warn  Read Topic __consumer_offsets: refused", "warn  DescribeConfigs Topic *: refused"}) {
    EXPECT_THAT(before.text, HasSubstr(right));
  }
  ApplyGrants(before);
  Printed after;
  EXPECT_TRUE(test::WaitFor(
      [&] {
        after = Check("none");
        return after.works && after.text.find("warn") == std::string::npos;
      },
      20s, 100ms))
      << after.text;
  EXPECT_THAT(after.text, HasSubstr("1 stream, 2 partitions, 1 group: "));
}

TEST_F(CheckKafka, PatternsAreGrantedAsPrefixesAndNames) {
  const std::vector<std::string> topics = {"orders.*", "audit"};
  const std::vector<std::string> groups = {"bill*"};
  const Printed before = Check("prefix", topics, groups, KafkaOffsets::kFeed);
  EXPECT_FALSE(before.works);
  EXPECT_THAT(before.text, HasSubstr("FAIL  Read Topic __consumer_offsets: refused"))
      << "offsets: feed cannot do without";
  ApplyGrants(before);
  Printed after;
  EXPECT_TRUE(test::WaitFor(
      [&] {
        after = Check("prefix", topics, groups, KafkaOffsets::kFeed);
        return after.works && after.text.find("warn") == std::string::npos;
      },
      20s, 100ms))
      << after.text;
  EXPECT_THAT(after.text, HasSubstr("Describe Topic orders.*: 1 seen"));
  EXPECT_THAT(after.text, HasSubstr("Describe Topic audit: none is seen"));
}

TEST_F(CheckKafka, TheOffsetsTopicIsNotAskedForWhereItIsNotRead) {
  EXPECT_THAT(Check("none", {"*"}, {"*"}, KafkaOffsets::kAdmin).text,
              Not(HasSubstr("__consumer_offsets")));
}

TEST_F(CheckKafka, WithoutAclsEverythingWorks) {
  KafkaTargetConfig kafka;
  kafka.brokers = {broker_->bootstrap()};
  Config config;
  config.targets.resize(1);
  config.targets[0].name = "events";
  config.targets[0].backbone = kafka;
  std::ostringstream out;
  EXPECT_TRUE(RunCheck(config, MakeSource, 60s, out).all_work);
  EXPECT_EQ(out.str().find("warn"), std::string::npos) << out.str();
  EXPECT_THAT(out.str(), HasSubstr("each poll"));
}

// Until somebody asks for a group's coordinator for the first time there is none.
TEST(CheckNewKafka, ACoordinatorThatIsJustBeingMadeIsWaitedFor) {
  STREAMGAUGE_REQUIRE(KafkaBroker::Available(), "Kafka and Java: run tools/setup.sh test");
  const KafkaBroker broker;
  const auto deleted = broker.RunTool(
      "org.apache.kafka.tools.TopicCommand",
      {"--bootstrap-server", broker.bootstrap(), "--delete", "--topic", "__consumer_offsets"});
  ASSERT_EQ(deleted.exit_code, 0) << deleted.out << deleted.err;
  KafkaTargetConfig kafka;
  kafka.brokers = {broker.bootstrap()};
  Config config;
  config.targets.resize(1);
  config.targets[0].name = "events";
  config.targets[0].backbone = kafka;
  std::ostringstream out;
  EXPECT_TRUE(RunCheck(config, MakeSource, 60s, out).all_work);
  EXPECT_THAT(out.str(), HasSubstr("  ok    Describe Group *: none is seen\n"));
}

TEST_F(CheckKafka, ExplainShowsEachPartitionWithItsFormula) {
  KafkaTargetConfig kafka;
  kafka.brokers = {broker_->bootstrap()};
  Config config;
  config.targets.resize(1);
  config.targets[0].name = "events";
  config.targets[0].backbone = kafka;
  std::ostringstream out;
  std::ostringstream err;
  const ExplainRequest request{"events", "orders.eu", "billing", 3, Duration(200)};
  ASSERT_EQ(RunExplain(config, MakeSource, request, out, err), ExplainOutcome::kExplained)
      << err.str();
  for (const char* line : {"  =    partition 0: lag 6 = end 10 - max(committed 4, start 0)\n",
                           "s: by the timestamp of the record at offset 4\n", "  =    lag: 6\n",
                           "  =    backlog = lag + pending: 6\n", "  =    state: ",
                           "  members                           0 with a partition of the topic\n",
                           "  =    time left by retention: 604"}) {
    EXPECT_THAT(out.str(), HasSubstr(line));
  }
  EXPECT_THAT(out.str(), Not(HasSubstr("idle"))) << "what nobody knows of members is not 0";
}

TEST_F(CheckKafka, ABrokerThatDoesNotAnswerEndsInTime) {
  broker_->Pause();
  const auto started = std::chrono::steady_clock::now();
  const Printed printed = Check("all");
  broker_->Resume();
  EXPECT_LT(std::chrono::steady_clock::now() - started, 25s);
  EXPECT_FALSE(printed.works);
  EXPECT_THAT(printed.text, HasSubstr("FAIL  connect: "));
}

}  // namespace
}  // namespace streamgauge
