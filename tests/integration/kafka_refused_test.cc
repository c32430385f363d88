// What is said when a real broker and the agent do not accept each other, and how soon the agent is
// in once what was wrong is mended, without a restart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kafka_polled.h"
#include "kafka_secured.h"
#include "log/log.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using test::CertificateFiles;
using test::PolledKafka;
using test::SecuredKafka;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;
using Properties = std::map<std::string, std::string>;

Properties With(Properties properties, const Properties& more) {
  for (const auto& [name, value] : more) properties[name] = value;
  return properties;
}

class KafkaRefusedTest : public testing::Test {
 protected:
  static void TearDownTestSuite() { kafka_.reset(); }
  void SetUp() override {
    STREAMGAUGE_REQUIRE(SecuredKafka::Available(), SecuredKafka::kNeeds);
    if (!kafka_) kafka_ = std::make_unique<SecuredKafka>();
  }

  static KafkaTargetConfig Target(const std::string& listener, const Properties& properties) {
    KafkaTargetConfig config = test::KafkaTarget(kafka_->broker().bootstrap(listener));
    for (const auto& [name, value] : properties) config.properties[name] = value;
    return config;
  }
  static Properties Tls() {
    return {{"security.protocol", "SSL"}, {"ssl.ca.location", kafka_->authority().cert()}};
  }
  static Properties Shown(const CertificateFiles& files) {
    return With(Tls(), {{"ssl.certificate.location", files.cert}, {"ssl.key.location", files.key}});
  }
  static Properties Sasl(const std::string& mechanism, const std::string& password) {
    return {{"security.protocol", "SASL_SSL"},
            {"ssl.ca.location", kafka_->authority().cert()},
            {"sasl.mechanisms", mechanism},
            {"sasl.username", "monitor"},
            {"sasl.password", password}};
  }
  static Properties OAuth(const std::string& url, const std::string& secret) {
    return {{"security.protocol", "SASL_SSL"},
            {"ssl.ca.location", kafka_->authority().cert()},
            {"sasl.mechanisms", "OAUTHBEARER"},
            {"sasl.oauthbearer.method", "oidc"},
            {"sasl.oauthbearer.token.endpoint.url", url},
            {"sasl.oauthbearer.client.id", "monitor"},
            {"sasl.oauthbearer.client.secret", secret}};
  }

  static std::unique_ptr<SecuredKafka> kafka_;
};
std::unique_ptr<SecuredKafka> KafkaRefusedTest::kafka_;

struct Refused {
  const char* why;
  const char* listener;
  Properties properties;
  Reason reason;
  std::vector<const char*> words;  // what came back, what to try
};

TEST_F(KafkaRefusedTest, EachCauseHasItsReasonAndItsAdvice) {
  const test::CertificateAuthority stranger("stranger");
  const CertificateFiles strange = stranger.Issue("monitor");
  const CertificateFiles own = kafka_->authority().Issue("monitor");
  const CertificateFiles old = kafka_->authority().IssueExpired("monitor_before");
  const std::string tokens = kafka_->tokens().url();
  const test::TokenEndpoint by_tls("monitor", SecuredKafka::kPassword, 1h,
                                   kafka_->authority().Issue("tokens"));
  const std::string tokens_by_tls = by_tls.url();
  const Properties plaintext_login =
      With(Sasl("PLAIN", SecuredKafka::kPassword), {{"security.protocol", "SASL_PLAINTEXT"}});
  const std::vector<Refused> rows = {
      {"wrong password",
       "SASL_TLS",
       Sasl("PLAIN", "wrong-word"),
       Reason::kUnauthorized,
       {"Invalid username or password", "check the user, the password"}},
      {"wrong password",
       "SASL_TLS",
       Sasl("SCRAM-SHA-512", "wrong-word"),
       Reason::kUnauthorized,
       {"invalid credentials", "check the user, the password"}},
      {"wrong secret of a client",
       "SASL_TLS",
       OAuth(tokens, "wrong-word"),
       Reason::kUnauthorized,
       {tokens.c_str(), "invalid_client", "check sasl.oauthbearer.client.id"}},
      {"no token endpoint",
       "SASL_TLS",
       OAuth("http://127.0.0.1:1/token", "wrong-word"),
       Reason::kUnavailable,
       {"127.0.0.1:1", "sasl.oauthbearer.token.endpoint.url"}},
      {"a token endpoint of an authority that the system does not know",
       "SASL_TLS",
       OAuth(tokens_by_tls, SecuredKafka::kPassword),
       Reason::kUnavailable,
       {tokens_by_tls.c_str(), "https.ca.location"}},
      {"a token endpoint of another authority",
       "SASL_TLS",
       With(OAuth(tokens_by_tls, SecuredKafka::kPassword),
            {{"https.ca.location", stranger.cert()}}),
       Reason::kUnavailable,
       {"https.ca.location"}},
      {"a mechanism that the broker does not have",
       "SASL",
       {{"security.protocol", "SASL_PLAINTEXT"},
        {"sasl.mechanisms", "GSSAPI"},
        {"sasl.kerberos.kinit.cmd", "true"}},
       Reason::kUnauthorized,
       {"Unsupported SASL mechanism", "OAUTHBEARER; set sasl.mechanisms"}},
      {"no log-in there",
       "TLS",
       Sasl("PLAIN", SecuredKafka::kPassword),
       Reason::kUnauthorized,
       {"does this listener ask for a log-in at all"}},
      {"unknown authority",
       "TLS",
       With(Tls(), {{"ssl.ca.location", stranger.cert()}}),
       Reason::kUnavailable,
       {"subject=/CN=broker, issuer=/CN=authority", "unable to get local issuer certificate",
        "ssl.ca.location must hold"}},
      {"another host's certificate",
       "ELSEWHERE",
       Tls(),
       Reason::kUnavailable,
       {"IP address mismatch", "ssl.endpoint.identification.algorithm: none"}},
      {"expired",
       "EXPIRED",
       Tls(),
       Reason::kUnavailable,
       {"certificate has expired", "has to be renewed"}},
      {"we show no certificate",
       "MUTUAL",
       Tls(),
       Reason::kUnauthorized,
       {"bad certificate", "check ssl.certificate.location"}},
      {"we show a stranger's",
       "MUTUAL",
       Shown(strange),
       Reason::kUnauthorized,
       {"bad certificate", "check ssl.certificate.location"}},
      {"ours has expired",
       "MUTUAL",
       Shown(old),
       Reason::kUnauthorized,
       {"certificate unknown", "check ssl.certificate.location"}},
      {"another key's certificate",
       "MUTUAL",
       Shown(CertificateFiles{.cert = own.cert, .key = strange.key}),
       Reason::kUnsupported,
       {"ssl.key.location", "key values mismatch"}},
      {"no such file",
       "TLS",
       With(Tls(), {{"ssl.ca.location", "/nowhere/ca.crt"}}),
       Reason::kUnauthorized,
       {"ssl.ca.location", "/nowhere/ca.crt", "No such file"}},
      {"plaintext to TLS",
       "TLS",
       {},
       Reason::kUnavailable,
       {"speak TLS? Then set security.protocol"}},
      {"plaintext to TLS, with a log-in",
       "SASL_TLS",
       plaintext_login,
       Reason::kUnavailable,
       {"speak TLS? Then set security.protocol"}},
      {"TLS to plaintext", "SASL", Tls(), Reason::kUnavailable, {"speak TLS? Check the port"}},
      {"no log-in where one is wanted",
       "SASL",
       {},
       Reason::kUnavailable,
       {"ask for a log-in? Then set security.protocol"}},
      {"no log-in where one is wanted, by TLS",
       "SASL_TLS",
       Tls(),
       Reason::kUnavailable,
       {"ask for a log-in? Then set security.protocol"}},
      {"an address given out that nobody is at",
       "NOWHERE",
       {},
       Reason::kUnavailable,
       {"127.0.0.1:1", "Connection refused", "advertised.listeners"}},
      {"a name given out that the certificate does not bear",
       "HALFWAY",
       Tls(),
       Reason::kUnavailable,
       {"localhost:", "hostname mismatch", "advertised.listeners"}},
  };
  std::vector<std::future<Result<Reading>>> polls;
  for (const Refused& row : rows) {
    polls.push_back(std::async(std::launch::async, [config = Target(row.listener, row.properties)] {
      return PolledKafka(config, 2s).TryPoll();
    }));
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Refused& row = rows[i];
    const auto result = polls[i].get();
    ASSERT_FALSE(result) << row.why;
    EXPECT_EQ(result.error().reason, row.reason) << row.why << ": " << result.error().message;
    for (const char* words : row.words) {
      EXPECT_THAT(result.error().message, HasSubstr(words)) << row.why;
    }
    EXPECT_THAT(result.error().message, Not(HasSubstr("\n"))) << row.why;
  }
}

// The most that librdkafka can be made to say, and all that the agent logs of it.
TEST_F(KafkaRefusedTest, NoSecretIsLogged) {
  const std::string tokens = kafka_->tokens().url();
  const std::string kept = SecuredKafka::kPassword;
  std::vector<KafkaTargetConfig> targets = {
      Target("SASL_TLS", Sasl("PLAIN", kept)), Target("SASL_TLS", Sasl("PLAIN", "wrong-word")),
      Target("SASL_TLS", Sasl("SCRAM-SHA-256", kept)), Target("SASL_TLS", OAuth(tokens, kept)),
      Target("SASL_TLS", OAuth(tokens, "wrong-word"))};
  log::Init({.level = LogLevel::kDebug});
  testing::internal::CaptureStderr();
  for (KafkaTargetConfig& target : targets) {
    target.properties["debug"] = "all";
    PolledKafka source(target, 1s);
    static_cast<void>(source.TryPoll());
    static_cast<void>(source.TryPoll());
  }
  const std::string log = testing::internal::GetCapturedStderr();
  log::Init({});
  EXPECT_THAT(log, HasSubstr("librdkafka SASL")) << "it does say much";
  for (const std::string& secret : {kept, std::string("wrong-word"), std::string("eyJhbGci")}) {
    EXPECT_EQ(log.find(secret), std::string::npos)
        << secret << " in: " << log.substr(std::max<std::size_t>(log.find(secret), 300) - 300, 600);
  }
}

struct Mended {
  const char* what;
  std::function<void()> mend;
  KafkaTargetConfig target;
};

TEST_F(KafkaRefusedTest, WhatIsMendedCountsWithTheNextPoll) {
  const test::TempDir files("renewed");
  const test::CertificateAuthority stranger("stranger");
  const CertificateFiles old = kafka_->authority().IssueExpired("monitor_before");
  const CertificateFiles own = kafka_->authority().Issue("monitor");
  const auto file = [&](const char* name) { return (files.path() / name).string(); };
  const auto write = [&](const char* name, const std::string& text) { files.Write(name, text); };
  const auto copy = [&](const char* name, const std::filesystem::path& from) {
    files.Write(name, test::ReadFile(from));
  };
  std::vector<Mended> rows;
  for (const char* mechanism : {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}) {
    rows.push_back({mechanism, [&] { write("password", "s3cret\n"); },
                    Target("SASL_TLS", Sasl(mechanism, ""))});
    rows.back().target.secret_files.emplace("sasl.password", Secret::FromFile(file("password")));
  }
  rows.push_back({"OAUTHBEARER", [&] { write("password", "s3cret"); },
                  Target("SASL_TLS", OAuth(kafka_->tokens().url(), ""))});
  rows.back().target.secret_files.emplace("sasl.oauthbearer.client.secret",
                                          Secret::FromFile(file("password")));
  rows.push_back({"the authority", [&] { copy("ca.crt", kafka_->authority().cert()); },
                  Target("TLS", With(Tls(), {{"ssl.ca.location", file("ca.crt")}}))});
  rows.push_back({"our certificate",
                  [&] {
                    copy("tls.crt", own.cert);
                    copy("tls.key", own.key);
                  },
                  Target("MUTUAL", Shown({.cert = file("tls.crt"), .key = file("tls.key")}))});
  for (const Mended& row : rows) {
    write("password", "wrong-word");
    copy("ca.crt", stranger.cert());
    copy("tls.crt", old.cert);
    copy("tls.key", old.key);
    PolledKafka source(row.target, 1s);
    EXPECT_FALSE(source.TryPoll()) << row.what;
    row.mend();
    const auto reading = source.TryPoll();
    ASSERT_TRUE(reading) << row.what << ": " << reading.error().message;
    ASSERT_EQ(reading->groups.size(), 1U) << row.what;
    EXPECT_EQ(reading->groups[0].lag, 1U) << row.what;
  }
}

// A ticket that is there makes kinit's failure harmless: the file of tickets is empty at first.
TEST_F(KafkaRefusedTest, AKeytabOrARealmThatIsMendedCountsWithTheNextPoll) {
  test::KerberosRealm& realm = kafka_->realm();
  const test::TempDir files("keytab");
  const std::string keytab = files.path() / "monitor.keytab";
  const auto take = [&](const std::filesystem::path& from) {
    files.Write("monitor.keytab", test::ReadFile(from));
  };
  const KafkaTargetConfig target =
      Target("SASL_TLS", {{"security.protocol", "SASL_SSL"},
                          {"ssl.ca.location", kafka_->authority().cert()},
                          {"sasl.mechanisms", "GSSAPI"},
                          {"sasl.kerberos.principal", "monitor"},
                          {"sasl.kerberos.keytab", keytab}});
  const auto expect_refused = [&](Reason reason, const std::vector<const char*>& words,
                                  const KafkaTargetConfig& config) {
    const auto result = PolledKafka(config, 2s).TryPoll();
    ASSERT_FALSE(result) << words[0];
    EXPECT_EQ(result.error().reason, reason) << result.error().message;
    for (const char* text : words) EXPECT_THAT(result.error().message, HasSubstr(text));
  };
  realm.ForgetTickets();
  expect_refused(Reason::kUnauthorized, {"sasl.kerberos.keytab", keytab.c_str(), "No such file"},
                 target);
  take(realm.Keytab("monitor"));
  const auto renewed = realm.Keytab("monitor");
  testing::internal::CaptureStderr();
  expect_refused(Reason::kUnauthorized,
                 {"No Kerberos credentials", "kinit got no ticket", "sasl.kerberos.principal"},
                 target);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("Preauthentication failed"));
  take(renewed);
  realm.Stop();
  testing::internal::CaptureStderr();
  expect_refused(Reason::kUnauthorized, {"No Kerberos credentials", "KDC"}, target);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("Cannot contact any KDC"));
  realm.Start();

  PolledKafka source(target, 2s);
  source.Poll();
  EXPECT_EQ(source.reading().groups.at(0).lag, 1U);
  // Who is connected needs no KDC until the ticket ends; who comes anew needs one for each broker.
  KafkaTargetConfig other = target;
  other.properties["sasl.kerberos.service.name"] = "other";
  expect_refused(Reason::kUnauthorized,
                 {"Server other/127.0.0.1", "sasl.kerberos.service.name and the host"}, other);
  realm.Stop();
  source.Poll();
  EXPECT_EQ(source.reading().groups.at(0).lag, 1U);
  expect_refused(Reason::kUnavailable, {"Cannot contact any KDC", "krb5.conf"}, other);
  realm.Start();
  KafkaTargetConfig late = target;
  late.properties["sasl.kerberos.kinit.cmd"] =
      "kinit -l 1s -k -t " + keytab + " monitor && sleep 1.1";
  expect_refused(Reason::kUnauthorized, {"expired", "kinit got no new ticket"}, late);
  realm.ForgetTickets();
}

// Whoever is connected is asked for the password again after two seconds.
TEST_F(KafkaRefusedTest, APasswordThatIsChangedWhileConnectedCountsOnceItIsInTheFile) {
  const test::TempDir files("rotated");
  files.Write("password", SecuredKafka::kPassword);
  KafkaTargetConfig config = Target("SASL_TLS", Sasl("SCRAM-SHA-512", ""));
  config.secret_files.emplace("sasl.password", Secret::FromFile(files.path() / "password"));
  PolledKafka source(config, 1s);
  source.Poll();

  kafka_->broker().Connect().SetScramPassword("SCRAM-SHA-512", "monitor", "n3w-secret");
  Result<Reading> refused;
  ASSERT_TRUE(test::WaitFor(
      [&] {
        refused = source.TryPoll();
        return !refused;
      },
      20s, 100ms));
  EXPECT_EQ(refused.error().reason, Reason::kUnauthorized) << refused.error().message;
  files.Write("password", "n3w-secret");
  const auto reading = source.TryPoll();
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->groups.at(0).lag, 1U);
}

}  // namespace
}  // namespace streamgauge
