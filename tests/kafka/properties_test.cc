#include "kafka/properties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "kafka/topic_reader.h"

namespace streamgauge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(KafkaPropertiesTest, WhatLibrdkafkaTakesIsNoProblem) {
  EXPECT_THAT(ValidateKafkaProperties({{"security.protocol", "SASL_SSL"},
                                       {"sasl.mechanisms", "SCRAM-SHA-512"},
                                       {"sasl.username", "monitor"},
                                       {"sasl.password", "s3cret"},
                                       {"client.id", "mine"}}),
              IsEmpty());
}

TEST(KafkaPropertiesTest, EveryProblemNamesItsProperty) {
  EXPECT_THAT(
      ValidateKafkaProperties({{"no.such.thing", "1"}, {"security.protocol", "carrier-pigeon"}}),
      ElementsAre(HasSubstr("no.such.thing is not a property"),
                  HasSubstr("security.protocol has a value")));
}

TEST(KafkaPropertiesTest, TheNearestNameIsSuggested) {
  struct Row {
    const char* wrong;
    const char* right;
  };
  for (const auto& [wrong, right] :
       {Row{"security.protcol", "security.protocol"}, Row{"sasl.pasword", "sasl.password"},
        Row{"ssl.ca.locaton", "ssl.ca.location"}, Row{"sasl_username", "sasl.username"}}) {
    EXPECT_THAT(ValidateKafkaProperties({{wrong, "x"}}),
                ElementsAre(HasSubstr("; did you mean " + std::string(right) + "?")));
  }
  EXPECT_THAT(ValidateKafkaProperties({{"nothing.like.any.of.them", "x"}}),
              ElementsAre(Not(HasSubstr("did you mean"))));
}

TEST(KafkaPropertiesTest, AValueIsNeverRepeated) {
  for (const std::string& problem : ValidateKafkaProperties(
           {{"security.protocol", "hunter2"}, {"socket.timeout.ms", "hunter2"}})) {
    EXPECT_EQ(problem.find("hunter2"), std::string::npos) << problem;
  }
}

TEST(KafkaPropertiesTest, WhatTheAgentSetsItselfIsRefused) {
  EXPECT_THAT(ValidateKafkaProperties({{"bootstrap.servers", "a:9092"}}),
              ElementsAre(HasSubstr("`brokers`")));
  EXPECT_THAT(ValidateKafkaProperties({{"log.queue", "false"}}), ElementsAre(HasSubstr("agent")));
}

// librdkafka takes it and then waits for ever.
TEST(KafkaPropertiesTest, TokensNeedASource) {
  struct Row {
    std::map<std::string, std::string> properties;
    bool lacking;
  };
  const Row rows[] = {
      {{{"sasl.mechanisms", "OAUTHBEARER"}}, true},
      {{{"sasl.mechanism", "OAUTHBEARER"}, {"sasl.oauthbearer.method", "default"}}, true},
      {{{"sasl.mechanism", "OAUTHBEARER"}, {"sasl.oauthbearer.method", "oidc"}}, false},
      {{{"sasl.mechanisms", "OAUTHBEARER"}, {"enable.sasl.oauthbearer.unsecure.jwt", "true"}},
       false},
      {{{"sasl.mechanisms", "PLAIN"}}, false},
  };
  for (const Row& row : rows) {
    const auto problems = ValidateKafkaProperties(row.properties);
    EXPECT_EQ(problems.size(), row.lacking ? 1U : 0U) << row.properties.begin()->second;
  }
}

TEST(KafkaPropertiesTest, AFileThatCannotBeReadIsNamed) {
  EXPECT_THAT(ProbeKafkaProperties({{"ssl.key.location", "/nowhere/tls.key"}}),
              ElementsAre("ssl.key.location cannot be read: /nowhere/tls.key: No such file or "
                          "directory"));
  EXPECT_EQ(UnreadableKafkaFile({{"ssl.ca.location", "probe"},
                                 {"ssl.certificate.location", "/"},
                                 {"client.id", "/nowhere"}}),
            "");
}

TEST(KafkaPropertiesTest, TryingKerberosRunsNoKinitAndKnowsItsCommand) {
  std::map<std::string, std::string> properties = {{"security.protocol", "SASL_PLAINTEXT"},
                                                   {"sasl.mechanism", "GSSAPI"},
                                                   {"sasl.kerberos.kinit.cmd", "sleep 60"}};
  const auto begin = std::chrono::steady_clock::now();
  // Here may be no plug-in.
  EXPECT_THAT(ProbeKafkaProperties(properties),
              testing::AnyOf(IsEmpty(), ElementsAre(HasSubstr("GSSAPI needs"))));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  properties["sasl.kerberos.kinit.cmd"] = "kinit %{no.such.property}";
  EXPECT_THAT(ProbeKafkaProperties(properties),
              ElementsAre(testing::StartsWith("sasl.kerberos.kinit.cmd ")));
}

TEST(KafkaPropertiesTest, CleanupPolicyIsAList) {
  struct Row {
    const char* policy;
    bool deletes, compacts;
  };
  const Row rows[] = {{"delete", true, false},
                      {"compact", false, true},
                      {"compact,delete", true, true},
                      {"delete, compact", true, true},
                      {"", false, false}};
  for (const Row& row : rows) {
    kafka::TopicSettings settings;
    kafka::TakeCleanupPolicy(row.policy, settings);
    EXPECT_EQ(settings.deletes, row.deletes) << row.policy;
    EXPECT_EQ(settings.compacts, row.compacts) << row.policy;
  }
}

}  // namespace
}  // namespace streamgauge
