// TLS to real servers: who is let in, who is believed, and what is said when it does not work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <thread>

#include "log/log.h"
#include "redis/connection.h"
#include "redis/redis_source.h"
#include "support/certificates.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/silent_server.h"
#include "support/temp_dir.h"

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

// One server with a port for each way, for all tests: what it shows and wants is told by CONFIG
// SET.
struct World {
  explicit World(RedisKind kind)
      : server({.kind = kind,
                .arguments = {"--tls-ca-cert-file", authority.cert(), "--tls-cert-file", own.cert,
                              "--tls-key-file", own.key, "--tls-auth-clients", "no"},
                .tls_port = true}),
        admin(server.Connect()) {
    admin.Command({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
    for (int i = 0; i < 5; ++i) admin.Command({"XADD", "s", "*", "f", "v"});
  }

  CertificateAuthority authority{"authority"};
  CertificateFiles own = authority.Issue("own");
  CertificateFiles client = authority.Issue("client");
  RedisServer server;
  RedisClient admin;
};

class RedisTls : public testing::TestWithParam<RedisKind> {
 protected:
  static void TearDownTestSuite() { worlds_.clear(); }

  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(GetParam()) && CertificateAuthority::Available(),
                        "the server or openssl: run tools/setup.sh test");
    std::signal(SIGPIPE, SIG_IGN);  // as the agent does
    log::Init({.level = LogLevel::kError, .format = LogFormat::kText});
    auto& world = worlds_[GetParam()];
    if (world == nullptr) world = std::make_unique<World>(GetParam());
    world_ = world.get();
    Show(world_->own);
    Configure("tls-auth-clients", "no");
    Configure("tls-protocols", "TLSv1.2 TLSv1.3");
    config_.addresses = {{.host = "127.0.0.1", .port = world_->server.tls_port(), .tls = true}};
    config_.streams.include = {"s"};
    config_.tls.ca_file = world_->authority.cert();
  }

  void Configure(const std::string& key, const std::string& value) {
    world_->admin.Command({"CONFIG", "SET", key, value});
  }
  void Show(const CertificateFiles& files) {
    world_->admin.Command(
        {"CONFIG", "SET", "tls-cert-file", files.cert, "tls-key-file", files.key});
  }

  std::unique_ptr<Source> Make(Duration timeout = seconds(10)) const {
    return MakeRedisSource("test", config_, {.timeout = timeout});
  }
  void ExpectPolled(Source& source) const {
    const auto reading = source.Poll({});
    ASSERT_TRUE(reading) << reading.error().message;
    ASSERT_EQ(reading->groups.size(), 1u);
    EXPECT_EQ(reading->groups[0].lag, 5u);
  }
  void ExpectPolled() const { ExpectPolled(*Make()); }

  // Why a poll does not work.
  Error Failure(Source& source) const {
    const auto reading = source.Poll({});
    if (!reading) return reading.error();
    ADD_FAILURE() << "it worked";
    return {};
  }
  Error Failure() const { return Failure(*Make()); }

  static std::map<RedisKind, std::unique_ptr<World>> worlds_;
  World* world_ = nullptr;
  RedisTargetConfig config_;
};

std::map<RedisKind, std::unique_ptr<World>> RedisTls::worlds_;

INSTANTIATE_TEST_SUITE_P(Servers, RedisTls, testing::Values(RedisKind::kRedis, RedisKind::kValkey),
                         [](const auto& kind) {
                           return kind.param == RedisKind::kRedis ? "Redis" : "Valkey";
                         });

TEST_P(RedisTls, AServerIsBelievedByItsAddress) {
  ExpectPolled();
  config_.addresses[0].host = "localhost";
  ExpectPolled();
}

TEST_P(RedisTls, BothVersionsAreSpokenAndNoOlderOne) {
  for (const auto* version : {"TLSv1.2", "TLSv1.3"}) {
    Configure("tls-protocols", version);
    ExpectPolled();
  }
  Configure("tls-protocols", "TLSv1.1");
  const Error error = Failure();
  EXPECT_EQ(error.reason, Reason::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("1.2"));
}

struct NameRow {
  std::string why;
  std::string certificate;  // subjectAltName
  std::string server_name;
  bool believed;
};

TEST_P(RedisTls, ACertificateCountsOnlyForTheNameItBears) {
  const NameRow rows[] = {
      {"the address that we connect to", "IP:127.0.0.1", "", true},
      {"another address", "IP:127.0.0.2", "", false},
      {"a name is no address", "DNS:127.0.0.1", "", false},
      {"one of several", "DNS:a.test,IP:127.0.0.1", "", true},
      {"server_name goes before the address", "DNS:redis.test", "redis.test", true},
      {"the address does not help then", "IP:127.0.0.1", "redis.test", false},
      {"upper case is the same name", "DNS:REDIS.test", "redis.TEST", true},
      {"a final dot is no part of it", "DNS:redis.test", "redis.test.", true},
      {"another name", "DNS:redis.test", "redis.test.evil", false},
      {"a wildcard stands for one label", "DNS:*.redis.test", "a.redis.test", true},
      {"but not for two", "DNS:*.redis.test", "a.b.redis.test", false},
      {"nor for none", "DNS:*.redis.test", "redis.test", false},
      {"nor for a part of one", "DNS:r*.test", "redis.test", false},
      {"an address as server_name", "IP:10.1.2.3", "10.1.2.3", true},
      {"of version 6", "IP:2001:db8::1", "2001:DB8:0::1", true},
      {"another one of version 6", "IP:2001:db8::1", "2001:db8::2", false},
  };
  for (const NameRow& row : rows) {
    SCOPED_TRACE(row.why);
    Show(world_->authority.Issue("row", row.certificate));
    config_.tls.server_name = row.server_name;
    config_.tls.insecure_skip_verify = false;
    if (row.believed) {
      ExpectPolled();
      continue;
    }
    const Error error = Failure();
    EXPECT_EQ(error.reason, Reason::kUnavailable);
    EXPECT_THAT(error.message,
                AllOf(HasSubstr("the server's certificate is for"), HasSubstr("tls.server_name")));
    config_.tls.insecure_skip_verify = true;
    ExpectPolled();
  }
}

TEST_P(RedisTls, AWrongNameIsToldWithTheNamesThatTheCertificateHas) {
  Show(world_->authority.Issue("row", "DNS:a.test,IP:10.0.0.1,IP:::1"));
  EXPECT_THAT(Failure().message,
              HasSubstr("is for a.test, 10.0.0.1, ::1, not for 127.0.0.1: set tls.server_name"));
}

TEST_P(RedisTls, AnExpiredCertificateIsRefusedUntilItIsRenewed) {
  const auto source = Make();
  Show(world_->authority.IssueExpired("expired"));
  const Error error = Failure(*source);
  EXPECT_EQ(error.reason, Reason::kUnavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("has expired on"), HasSubstr("localhost")));
  Show(world_->own);
  ExpectPolled(*source);
}

TEST_P(RedisTls, AnUnknownAuthorityIsRefusedUntilItsFileIsThere) {
  const CertificateAuthority other("another authority");
  const TempDir folder;
  config_.tls.ca_file = folder.Write("ca.pem", ReadFile(other.cert()));
  const auto source = Make();
  const Error error = Failure(*source);
  EXPECT_EQ(error.reason, Reason::kUnavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("an authority that we do not know (authority)"),
                                   HasSubstr("tls.ca_file")));
  (void)folder.Write("ca.pem", ReadFile(other.cert()) + ReadFile(world_->authority.cert()));
  ExpectPolled(*source);
}

TEST_P(RedisTls, WithoutAFileTheSystemsAuthoritiesCount) {
  config_.tls.ca_file.clear();
  EXPECT_THAT(Failure().message, HasSubstr("tls.ca_file"));
  // Where OpenSSL looks for the system's.
  setenv("SSL_CERT_FILE", world_->authority.cert().c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  ExpectPolled();
  unsetenv("SSL_CERT_FILE");  // NOLINT(concurrency-mt-unsafe)
}

TEST_P(RedisTls, FilesThatAreUnusableAreNamed) {
  const TempDir folder;
  const std::filesystem::path missing = folder.path() / "missing.pem";
  const std::filesystem::path empty = folder.Write("empty.pem", "");
  const std::filesystem::path ca = world_->authority.cert();
  const CertificateFiles client = world_->client;
  const std::pair<TlsClientConfig, std::string> rows[] = {
      {{.ca_file = missing}, "tls.ca_file: " + missing.string() + ": No such file"},
      {{.ca_file = empty}, "tls.ca_file: holds no certificate in PEM"},
      {{.ca_file = ca, .cert_file = missing, .key_file = client.key}, "tls.cert_file"},
      {{.ca_file = ca, .cert_file = empty, .key_file = client.key}, "tls.cert_file: holds no"},
      {{.ca_file = ca, .cert_file = client.cert, .key_file = missing}, "tls.key_file"},
      {{.ca_file = ca, .cert_file = client.cert, .key_file = world_->own.key},
       "tls.key_file: is not the key of the certificate in cert_file"},
  };
  for (const auto& [tls, words] : rows) {
    config_.tls = tls;
    const Error error = Failure();
    EXPECT_EQ(error.reason, Reason::kUnauthorized) << words;
    EXPECT_THAT(error.message, HasSubstr(words));
  }
}

TEST_P(RedisTls, AServerThatWantsACertificateIsShownOne) {
  Configure("tls-auth-clients", "yes");
  config_.tls.cert_file = world_->client.cert;
  config_.tls.key_file = world_->client.key;
  for (const auto* version : {"TLSv1.2", "TLSv1.3"}) {
    Configure("tls-protocols", version);
    ExpectPolled();
  }
}

TEST_P(RedisTls, ACertificateThatIsMissingIsAskedFor) {
  Configure("tls-auth-clients", "yes");
  for (const auto* version : {"TLSv1.2", "TLSv1.3"}) {
    Configure("tls-protocols", version);
    const Error error = Failure();
    EXPECT_EQ(error.reason, Reason::kUnauthorized) << version;
    EXPECT_THAT(error.message, HasSubstr("set tls.cert_file and tls.key_file")) << version;
  }
}

TEST_P(RedisTls, ACertificateThatTheServerRefusesIsNamed) {
  Configure("tls-auth-clients", "yes");
  const CertificateAuthority other("another authority");
  for (const CertificateFiles& files :
       {other.Issue("stranger"), world_->authority.IssueExpired("expired-client")}) {
    config_.tls.cert_file = files.cert;
    config_.tls.key_file = files.key;
    for (const auto* version : {"TLSv1.2", "TLSv1.3"}) {
      Configure("tls-protocols", version);
      const Error error = Failure();
      EXPECT_EQ(error.reason, Reason::kUnauthorized) << version << error.message;
      EXPECT_THAT(error.message, HasSubstr("tls.cert_file")) << version;
    }
  }
}

TEST_P(RedisTls, ARenewedCertificateOfOursIsTakenAtTheNextConnect) {
  Configure("tls-auth-clients", "yes");
  const TempDir folder;
  const CertificateFiles expired = world_->authority.IssueExpired("expired-client");
  config_.tls.cert_file = folder.Write("client.pem", ReadFile(expired.cert));
  config_.tls.key_file = folder.Write("client.key", ReadFile(expired.key));
  const auto source = Make();
  EXPECT_EQ(Failure(*source).reason, Reason::kUnauthorized);
  (void)folder.Write("client.pem", ReadFile(world_->client.cert));
  (void)folder.Write("client.key", ReadFile(world_->client.key));
  ExpectPolled(*source);
}

TEST_P(RedisTls, TlsToAPortWithoutItIsSeenThrough) {
  config_.addresses[0].port = world_->server.port();
  const auto start = Clock::now();
  const Error error = Failure(*Make(milliseconds(500)));
  EXPECT_THAT(error.message, HasSubstr("speak TLS on this port")) << error.message;
  EXPECT_LT(Clock::now() - start, seconds(5));
}

TEST_P(RedisTls, APlainConnectionToAPortWithTlsIsSeenThrough) {
  config_.addresses[0].tls = false;
  const Error error = Failure();
  EXPECT_EQ(error.reason, Reason::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("rediss://"));
}

TEST_P(RedisTls, AServerThatDoesNotShakeHandsIsATimeout) {
  SilentServer silent;
  config_.addresses[0].port = silent.port();
  const auto start = Clock::now();
  const Error error = Failure(*Make(milliseconds(300)));
  EXPECT_EQ(error.reason, Reason::kTimeout);
  EXPECT_THAT(error.message, HasSubstr("TLS handshake"));
  EXPECT_GE(Clock::now() - start, milliseconds(300));
  EXPECT_LT(Clock::now() - start, seconds(5));
}

TEST_P(RedisTls, AStopInterruptsAHandshake) {
  SilentServer silent;
  config_.addresses[0].port = silent.port();
  const auto source = Make(seconds(60));
  std::stop_source stop;
  Clock::time_point stopped;
  std::jthread stopper([&] {
    EXPECT_TRUE(silent.WaitForBytes(seconds(10))) << "the handshake has begun";
    stopped = Clock::now();
    stop.request_stop();
  });
  const auto reading = source->Poll(stop.get_token());
  stopper.join();
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().reason, Reason::kUnavailable);
  EXPECT_LT(Clock::now() - stopped, seconds(5));
}

// Records of TLS hold 16 KiB: replies and questions are cut and joined in other places than
// without.
TEST_P(RedisTls, WhatIsReadIsTheSameAsWithoutTls) {
  RedisClient& admin = world_->admin;
  std::vector<RedisCommand> commands;
  for (int i = 0; i < 300; ++i) {
    const std::string key = "large:" + std::to_string(i) + std::string(1000, 'k');
    commands.push_back({"XGROUP", "CREATE", key, "g", "0", "MKSTREAM"});
    commands.push_back(
        {"XADD", key, "1-1", "f", std::string(static_cast<std::size_t>(i) * 100, 'v')});
    commands.push_back({"XADD", key, "1-2", "f", std::string(20'000, 'w')});
  }
  admin.Pipeline(commands);
  config_.streams.include = {"large:*"};
  const auto by_tls = Make()->Poll({});
  config_.addresses[0].port = world_->server.port();
  config_.addresses[0].tls = false;
  const auto plain = Make()->Poll({});
  admin.Command({"FLUSHALL"});
  admin.Command({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
  for (int i = 0; i < 5; ++i) admin.Command({"XADD", "s", "*", "f", "v"});
  ASSERT_TRUE(by_tls) << by_tls.error().message;
  ASSERT_TRUE(plain) << plain.error().message;
  ASSERT_EQ(by_tls->groups.size(), 300u);
  ASSERT_EQ(plain->groups.size(), 300u);
  for (std::size_t i = 0; i < plain->groups.size(); ++i) {
    EXPECT_EQ(by_tls->groups[i].lag, 2u);
    EXPECT_EQ(by_tls->groups[i].lag, plain->groups[i].lag);
  }
}

}  // namespace
}  // namespace streamgauge::test
