#include "checked_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

#include "support/temp_dir.h"

namespace streamgauge {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Row {
  const char* why;
  std::string target;
  std::string message;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.why; }

class ProvenConfigTest : public testing::TestWithParam<Row> {
 protected:
  static std::optional<std::string> NoVariable(const std::string&) { return std::nullopt; }

  test::TempDir folder_{"checked-config"};
};

// A start takes it: the target is down until it is mended.
TEST_P(ProvenConfigTest, IsOneProblemThatAStartForgives) {
  const auto file = folder_.Write("a.yml", "targets:\n- {name: t, " + GetParam().target + "}\n");
  EXPECT_TRUE(LoadCheckedConfig(file, NoVariable));
  const auto config = LoadProvenConfig(file, NoVariable);
  ASSERT_FALSE(config);
  ASSERT_EQ(config.error().size(), 1U);
  EXPECT_THAT(config.error()[0].ToString(), HasSubstr(GetParam().message));
  EXPECT_THAT(config.error()[0].ToString(), Not(HasSubstr("hunter2")));
}

std::string Kafka(const std::string& properties) {
  return "type: kafka, brokers: [\"127.0.0.1:1\"], properties: {" + properties + "}";
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ProvenConfigTest,
    testing::Values(
        Row{"a mechanism that does not exist",
            Kafka("security.protocol: SASL_PLAINTEXT, sasl.mechanism: FOO, sasl.username: u, "
                  "sasl.password: hunter2"),
            "a.yml:2: targets[0].properties[\"sasl.mechanism"},
        Row{"a certificate that is not there",
            Kafka("security.protocol: SSL, ssl.ca.location: /nope"),
            "a.yml:2: targets[0].properties[\"ssl.ca.location\"]: cannot be read: /nope: No such "
            "file"},
        Row{"a key that is none", Kafka("security.protocol: SSL, ssl.key.pem: hunter2"),
            "a.yml:2: targets[0].properties[\"ssl.key.pem\"]"},
        Row{"two that exclude each other",
            Kafka("group.protocol: consumer, session.timeout.ms: 6000"),
            "a.yml:2: targets[0].properties[\"session.timeout.ms\"]"},
        Row{"one that the agent's own default excludes", Kafka("reconnect.backoff.ms: 5000"),
            "a.yml:2: targets[0].properties[\"reconnect.backoff.ms\"]"},
        Row{"a password's file that is not there",
            Kafka("security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.username: u, "
                  "sasl.password_file: nope"),
            "target t: cannot read the secret file"},
        Row{"the same of Redis", "type: redis, address: redis://h, password_file: nope",
            "target t: cannot read the secret file"},
        Row{"an authority's file that is not there",
            "type: redis, address: \"rediss://h\", tls: {ca_file: /nope}",
            "target t: tls.ca_file: /nope: No such file or directory"},
        Row{"that of the sentinels alone",
            "type: redis, mode: sentinel, address: \"rediss://h\", sentinel: {master: m, tls: "
            "{ca_file: /nope}}",
            "target t: sentinel.tls.ca_file: /nope: No such file or directory"}));

TEST_F(ProvenConfigTest, WhatIsWholeIsFine) {
  folder_.Write("secret", "hunter2");
  const auto file = folder_.Write(
      "a.yml", "targets:\n- {name: t, " +
                   Kafka("security.protocol: SASL_PLAINTEXT, sasl.mechanism: SCRAM-SHA-512, "
                         "sasl.username: u, sasl.password_file: secret, reconnect.backoff.ms: 50") +
                   "}\n- {name: r, type: redis, address: redis://h, password_file: secret}\n");
  const auto config = LoadProvenConfig(file, NoVariable);
  if (!config) FAIL() << Lines(config.error());
  EXPECT_EQ(config->targets.size(), 2U);
}

}  // namespace
}  // namespace streamgauge
