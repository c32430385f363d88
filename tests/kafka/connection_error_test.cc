#include "kafka/connection_error.h"

#include <gtest/gtest.h>

#include <string>

namespace streamgauge::kafka {
namespace {

TEST(ConnectionErrorTest, HowLongItTookIsNoNews) {
  const Error error = ConnectionError(
      RD_KAFKA_RESP_ERR__TRANSPORT,
      "kafka:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 failed: Connection refused (after 3ms "
      "in state CONNECT, 2 identical error(s) suppressed)");
  EXPECT_EQ(error.reason, Reason::kUnavailable);
  EXPECT_TRUE(
      error.message.starts_with("kafka:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 "
                                "failed: Connection refused; is it up?"))
      << error.message;
}

TEST(ConnectionErrorTest, WhatIsNotKnownIsRepeatedWithItsCodesReason) {
  const Error error = ConnectionError(RD_KAFKA_RESP_ERR__AUTHENTICATION, "the moon is full");
  EXPECT_EQ(error.reason, Reason::kUnauthorized);
  EXPECT_EQ(error.message, "the moon is full");
}

TEST(ConnectionErrorTest, AnAnswerThatIsAWholePageIsCut) {
  const Error error = ConnectionError(RD_KAFKA_RESP_ERR__AUTHENTICATION, std::string(100'000, 'x'));
  EXPECT_LT(error.message.size(), 1000U);
}

TEST(ConnectionErrorTest, WhatKerberosSaysHasAdvice) {
  struct Row {
    const char* text;
    Reason reason;
    const char* advice;
  };
  const std::string begin =
      "k:1/1: Failed to initialize SASL authentication: SASL handshake failed ";
  const Row rows[] = {
      {"GSSAPI Error: No credentials were supplied (No Kerberos credentials available (default "
       "cache: FILE:/run/tickets))",
       Reason::kUnauthorized, "; kinit got no ticket"},
      {"GSSAPI Error: Unspecified GSS failure. (Ticket expired)", Reason::kUnauthorized,
       "; kinit got no new ticket"},
      {"GSSAPI Error: (Server kafka/k@R not found in Kerberos database)", Reason::kUnauthorized,
       "; the broker's principal is made of sasl.kerberos.service.name"},
      {"GSSAPI Error: (Cannot contact any KDC for realm 'R')", Reason::kUnavailable,
       "; is the KDC"},
      {"GSSAPI Error: (Clock skew too great)", Reason::kUnavailable, "; is this machine's clock"},
      {"SASL(-4): no mechanism available: No worthy mechs found", Reason::kUnsupported,
       "; libsasl2's GSSAPI plug-in is not here"},
  };
  for (const Row& row : rows) {
    const Error error = ConnectionError(RD_KAFKA_RESP_ERR__AUTHENTICATION, begin + row.text);
    EXPECT_EQ(error.reason, row.reason) << row.text;
    EXPECT_NE(error.message.find(row.advice), std::string::npos) << error.message;
  }
}

TEST(ConnectionErrorTest, AVerdictIsWhoseCertificateAndWhy) {
  struct Row {
    const char* line;
    const char* verdict;
  };
  const Row rows[] = {
      {"ssl://k:1/1: Certificate (subject=/CN=k, issuer=/CN=a) verification callback failed: "
       "certificate has expired",
       "subject=/CN=k, issuer=/CN=a: certificate has expired"},
      {"ssl://k:1/1: Certificate (subject=/CN=) verification callback failed: x, issuer=/CN=a) "
       "verification callback failed: hostname mismatch",
       "subject=/CN=) verification callback failed: x, issuer=/CN=a: hostname mismatch"},
      {"ssl://k:1/1: Failed to get current certificate to verify", ""},
      {") verification callback failed: Certificate (", ""},
      {"", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(CertificateVerdict(row.line), row.verdict) << row.line;
}

TEST(ConnectionErrorTest, TheThreadThatWroteALineIsLeftOut) {
  EXPECT_EQ(WithoutThread("[thrd:ssl://k:1/1]: ssl://k:1/1: x"), "ssl://k:1/1: x");
  EXPECT_EQ(WithoutThread("[thrd:cut"), "[thrd:cut");
  EXPECT_EQ(WithoutThread("k:1/1: x]: y"), "k:1/1: x]: y");
}

}  // namespace
}  // namespace streamgauge::kafka
