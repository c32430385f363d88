// Every way in that docs/kafka.md has an example for, by that example, on a real broker; several
// brokers to start from; and addresses that the broker gives out.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <variant>

#include "build_paths.h"
#include "config/loader.h"
#include "kafka/properties.h"
#include "kafka_polled.h"
#include "kafka_secured.h"
#include "support/loopback.h"
#include "support/require.h"

namespace streamgauge {
namespace {

using test::PolledKafka;
using test::SecuredKafka;
using namespace std::chrono_literals;

void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

// The first example of the document after these words.
std::string ExampleAfter(const std::string& words) {
  const std::string document = test::ReadFile(build_paths::Source() / "docs/kafka.md");
  const std::string begin = "```yaml\n";
  const std::size_t at = document.find(begin, document.find("\n" + words));
  if (at == std::string::npos) throw std::runtime_error("no example after " + words);
  const std::size_t first = at + begin.size();
  return document.substr(first, document.find("```", first) - first);
}

class KafkaWaysInTest : public testing::Test {
 protected:
  static void TearDownTestSuite() { kafka_.reset(); }
  void SetUp() override {
    STREAMGAUGE_REQUIRE(SecuredKafka::Available(), SecuredKafka::kNeeds);
    if (!kafka_) kafka_ = std::make_unique<SecuredKafka>();
  }

  // The example with the names and places of this test put in.
  static KafkaTargetConfig Configured(std::string example) {
    const test::CertificateFiles own = kafka_->authority().Issue("monitor");
    const std::string password = kafka_->folder().Write("password", "s3cret\n");
    const std::string secrets = "/etc/streamgauge/secrets/events/";
    const std::map<std::string, std::string> places = {
        {secrets + "ca.crt", kafka_->authority().cert()},
        {secrets + "tls.crt", own.cert},
        {secrets + "tls.key", own.key},
        {secrets + "password", password},
        {"/etc/streamgauge/secrets/events/monitor.keytab", kafka_->realm().Keytab("monitor")},
        {"monitor@EXAMPLE.ORG", std::string("monitor@") + test::KerberosRealm::kName},
        {"https://login.example.org/token", kafka_->tokens().url()},
        {"kafka:9093", kafka_->broker().bootstrap("TLS")},
        {"kafka:9094", kafka_->broker().bootstrap("MUTUAL")},
        {"kafka:9095", kafka_->broker().bootstrap("SASL_TLS")},
    };
    for (const auto& [from, to] : places) ReplaceAll(example, from, to);
    const auto config = ParseConfig(
        example, "example.yml", [](const std::string&) { return std::nullopt; },
        ProbeKafkaProperties);
    if (!config) throw std::runtime_error(config.error().at(0).ToString() + "\n" + example);
    return std::get<KafkaTargetConfig>(config->targets.at(0).backbone);
  }

  static void ExpectSeen(const KafkaTargetConfig& config, const std::string& what) {
    PolledKafka source(config);
    source.Poll();
    const GroupReading* billing = source.Group("orders", "billing");
    ASSERT_NE(billing, nullptr) << what;
    EXPECT_EQ(billing->lag, 1U) << what;
  }

  static std::unique_ptr<SecuredKafka> kafka_;
};
std::unique_ptr<SecuredKafka> KafkaWaysInTest::kafka_;

TEST_F(KafkaWaysInTest, EachExampleOfTheDocumentComesIn) {
  for (const char* words : {"TLS. ", "Mutual TLS. ", "SASL PLAIN.", "SCRAM-SHA-512, ",
                            "OAUTHBEARER with client credentials", "GSSAPI (Kerberos)"}) {
    ExpectSeen(Configured(ExampleAfter(words)), words);
  }
  std::string example = ExampleAfter("SCRAM-SHA-512, ");
  ReplaceAll(example, "SCRAM-SHA-512", "SCRAM-SHA-256");
  ExpectSeen(Configured(example), "SCRAM-SHA-256");
  EXPECT_GT(kafka_->tokens().granted(), 0);
}

TEST_F(KafkaWaysInTest, ATokenEndpointMayHaveAnAuthorityOfItsOwn) {
  const test::TokenEndpoint tokens("monitor", SecuredKafka::kPassword, 1h,
                                   kafka_->authority().Issue("tokens"));
  KafkaTargetConfig config = Configured(ExampleAfter("OAUTHBEARER with client credentials"));
  config.properties["sasl.oauthbearer.token.endpoint.url"] = tokens.url();
  config.properties["https.ca.location"] = kafka_->authority().cert();
  ExpectSeen(config, "https.ca.location");
  EXPECT_GT(tokens.granted(), 0);
}

TEST_F(KafkaWaysInTest, ADeadBrokerToStartFromIsPassedOver) {
  KafkaTargetConfig config = test::KafkaTarget("127.0.0.1:" + std::to_string(test::FreePort()));
  config.brokers.push_back(kafka_->broker().bootstrap());
  ExpectSeen(config, "the second one lives");
}

TEST_F(KafkaWaysInTest, OneThatRefusesUsDoesNotHideOneThatDoesNot) {
  KafkaTargetConfig config = Configured(ExampleAfter("TLS. "));
  config.brokers.insert(config.brokers.begin(), kafka_->broker().bootstrap("EXPIRED"));
  ExpectSeen(config, "the second one has a valid certificate");
}

TEST_F(KafkaWaysInTest, TheAddressThatIsGivenOutIsUsedAndItsNameChecked) {
  KafkaTargetConfig config = Configured(ExampleAfter("TLS. "));
  config.brokers = {kafka_->broker().bootstrap("BY_NAME")};
  ExpectSeen(config, "started from by address, then connected to by name");
}

TEST_F(KafkaWaysInTest, ARackIsNoHindrance) {
  KafkaTargetConfig config = test::KafkaTarget(kafka_->broker().bootstrap());
  config.properties["client.rack"] = "rack-7";
  ExpectSeen(config, "client.rack");
}

}  // namespace
}  // namespace streamgauge
