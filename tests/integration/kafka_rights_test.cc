// The rights that docs/kafka.md grants, on a real broker that denies everything else: they suffice,
// and nothing can be changed with them.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kafka_polled.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"
#include "support/require.h"
#include "support/temp_dir.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using test::KafkaBroker;
using test::KafkaClient;
using test::PolledKafka;
using namespace std::chrono_literals;

class KafkaRightsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!KafkaBroker::Available()) return;
    // The broker itself and the tests are ANONYMOUS, who may do all.
    broker_ = new KafkaBroker(
        {.properties = {{"authorizer.class.name",
                         "org.apache.kafka.metadata.authorizer.StandardAuthorizer"},
                        {"super.users", "User:ANONYMOUS"}},
         .sasl_users = {{"monitor", "s3cret"}, {"nobody", "s3cret"}, {"partly", "s3cret"}}});
    KafkaClient client = broker_->Connect();
    client.CreateTopic("orders", 1, {{"retention.ms", "3600000"}});
    client.Produce("orders", 0, 10);
    client.CommitOffsets("billing", {{"orders", 0, 4}});
    Grant({"--operation", "Describe", "--operation", "DescribeConfigs", "--topic", "*"});
    Grant({"--operation", "Describe", "--group", "*"});
    Grant({"--operation", "Read", "--topic", "__consumer_offsets"});
  }
  static void TearDownTestSuite() {
    delete broker_;
    broker_ = nullptr;
  }
  void SetUp() override {
    STREAMGAUGE_REQUIRE(KafkaBroker::Available(), "Kafka and Java: run tools/setup.sh test");
  }

  static void Grant(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--bootstrap-server", broker_->bootstrap(), "--add",
                                         "--allow-principal", "User:monitor"});
    const auto granted = broker_->RunTool("org.apache.kafka.tools.AclCommand", arguments);
    ASSERT_EQ(granted.exit_code, 0) << granted.out << granted.err;
  }

  static std::map<std::string, std::string> LogIn(const std::string& user) {
    return {{"security.protocol", "SASL_PLAINTEXT"},
            {"sasl.mechanisms", "PLAIN"},
            {"sasl.username", user},
            {"sasl.password", "s3cret"}};
  }
  static KafkaTargetConfig TargetOf(const std::string& user) {
    KafkaTargetConfig config = test::KafkaTarget(broker_->sasl_bootstrap());
    for (const auto& [name, value] : LogIn(user)) config.properties[name] = value;
    return config;
  }

  static void ExpectTopicsStay();

  static KafkaBroker* broker_;
};
KafkaBroker* KafkaRightsTest::broker_ = nullptr;

// Why the broker did not do it; empty when it did.
std::string Refusal(const std::function<void()>& change) {
  try {
    change();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

// By Kafka's own tool, as it tells why.
void KafkaRightsTest::ExpectTopicsStay() {
  const test::TempDir dir("rights");
  dir.Write("monitor.properties",
            "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config="
            "org.apache.kafka.common.security.plain.PlainLoginModule required "
            "username=\"monitor\" password=\"s3cret\";\n");
  const std::vector<std::vector<std::string>> changes = {
      {"--create", "--topic", "mine"},
      {"--alter", "--topic", "orders", "--partitions", "2"},
      {"--delete", "--topic", "orders"},
  };
  for (std::vector<std::string> change : changes) {
    const std::string what = change[0];
    change.insert(change.end(), {"--bootstrap-server", broker_->sasl_bootstrap(),
                                 "--command-config", dir.path() / "monitor.properties"});
    const auto done = broker_->RunTool("org.apache.kafka.tools.TopicCommand", change);
    EXPECT_NE(done.exit_code, 0) << what;
    EXPECT_NE((done.out + done.err).find("uthorization failed"), std::string::npos)
        << what << ": " << done.out << done.err;
  }
}

TEST_F(KafkaRightsTest, TheDocumentedOnesSuffice) {
  PolledKafka source(TargetOf("monitor"));
  const auto complete = [&] {
    source.Poll();
    const GroupReading* group = source.Group("orders", "billing");
    return group != nullptr && group->lag == 6U &&
           source.Stream("orders")->retention_seconds == 3600.0;
  };
  EXPECT_TRUE(test::WaitFor(complete, 20s, 50ms));
  EXPECT_EQ(source.Group("orders", "billing")->completeness, 1.0);
}

TEST_F(KafkaRightsTest, AUserWithoutThemSeesNothing) {
  PolledKafka source(TargetOf("nobody"));
  for (int poll = 0; poll < 3; ++poll) {
    if (!source.TryPoll()) continue;  // refused as a whole is as good
    EXPECT_EQ(source.Stream("orders"), nullptr);
    EXPECT_EQ(source.Group("orders", "billing"), nullptr);
  }
}

// Whoever may describe the cluster is told of all groups.
TEST_F(KafkaRightsTest, WhatIsNotAllowedIsNamedWithItsGrantAndTheRestGoesOn) {
  KafkaClient all = broker_->Connect();
  all.CommitOffsets("secret", {{"orders", 0, 1}});
  all.AllowOn(RD_KAFKA_RESOURCE_BROKER, "kafka-cluster", RD_KAFKA_ACL_OPERATION_DESCRIBE, "partly");
  all.AllowOn(RD_KAFKA_RESOURCE_GROUP, "billing", RD_KAFKA_ACL_OPERATION_DESCRIBE, "partly");
  all.AllowOn(RD_KAFKA_RESOURCE_TOPIC, "orders", RD_KAFKA_ACL_OPERATION_DESCRIBE, "partly");
  KafkaTargetConfig config = TargetOf("partly");
  config.offsets = KafkaOffsets::kAdmin;
  PolledKafka source(config);
  testing::internal::CaptureStderr();
  const bool seen = test::WaitFor(
      [&] {
        source.Poll();
        const GroupReading* billing = source.Group("orders", "billing");
        return billing != nullptr && billing->lag == 6U;
      },
      20s, 50ms);
  source.Poll();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(seen) << log;
  EXPECT_EQ(source.Group("orders", "secret"), nullptr);
  EXPECT_GT(source.telemetry().item_errors.at("unauthorized"), 0U);
  const std::string bootstrap = broker_->sasl_bootstrap();
  const std::string begin = " --add --allow-principal User:partly --operation ";
  for (const std::string& line :
       {"Describe is refused on Group secret: the group is not seen. Grant it: kafka-acls.sh "
        "--bootstrap-server " +
            bootstrap + begin + "Describe --group secret\n",
        "--bootstrap-server " + bootstrap + begin + "DescribeConfigs --topic orders\n"}) {
    const std::size_t at = log.find(line);
    ASSERT_NE(at, std::string::npos) << line << " in " << log;
    EXPECT_EQ(log.find(line, at + 1), std::string::npos) << "told once: " << log;
  }
  // The grant is what was missing.
  all.AllowOn(RD_KAFKA_RESOURCE_GROUP, "secret", RD_KAFKA_ACL_OPERATION_DESCRIBE, "partly");
  EXPECT_TRUE(test::WaitFor(
      [&] {
        source.Poll();
        const GroupReading* secret = source.Group("orders", "secret");
        return secret != nullptr && secret->lag == 9U;
      },
      20s, 50ms));
  all.DeleteGroup("secret");
}

TEST_F(KafkaRightsTest, NothingCanBeChangedWithThem) {
  KafkaClient monitor(broker_->sasl_bootstrap(), LogIn("monitor"));
  const std::vector<std::pair<std::string, std::function<void()>>> changes = {
      {"commit, which moves a group",
       [&] { monitor.CommitOffsets("billing", {{"orders", 0, 9}}); }},
      {"make a group by committing", [&] { monitor.CommitOffsets("new", {{"orders", 0, 1}}); }},
      {"delete a group", [&] { monitor.DeleteGroup("billing"); }},
      {"delete records", [&] { monitor.DeleteRecords("orders", 0, 5); }},
  };
  for (const auto& [what, change] : changes) {
    const std::string refusal = Refusal(change);
    EXPECT_NE(refusal.find("uthorization failed"), std::string::npos) << what << ": " << refusal;
  }
  EXPECT_THROW(monitor.Produce("orders", 0, 1), std::runtime_error);
  ExpectTopicsStay();
  KafkaClient all = broker_->Connect();
  EXPECT_EQ(all.Watermarks("orders", 0).end, 10);
  EXPECT_EQ(all.Watermarks("orders", 0).start, 0);
  ASSERT_EQ(all.CommittedOffsets("billing").size(), 1U);
  EXPECT_EQ(all.CommittedOffsets("billing")[0].offset, 4);
}

}  // namespace
}  // namespace streamgauge
