// Several nodes behind TLS, as configurations tell them: sentinels and primaries, clusters, who
// speaks TLS and who does not, and what holds when one takes over from another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "config/loader.h"
#include "log/log.h"
#include "redis/redis_source.h"
#include "support/certificates.h"
#include "support/redis_cluster.h"
#include "support/redis_failover.h"
#include "support/redis_sentinel.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/temp_dir.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// What a target with these keys, in YAML's flow style, is to the agent.
RedisTargetConfig Target(const std::string& keys) {
  const auto config =
      ParseConfig("targets: [{name: t, type: redis, " + keys + "}]", "agent.yml", {});
  if (!config) throw std::runtime_error(config.error().at(0).ToString());
  return std::get<RedisTargetConfig>(config->targets.at(0).backbone);
}

std::unique_ptr<Source> Make(const std::string& keys) {
  return MakeRedisSource("t", Target(keys), {.timeout = seconds(5)});
}

Error Failure(Source& source) {
  const auto reading = source.Poll({});
  if (!reading) return reading.error();
  ADD_FAILURE() << "it worked";
  return {};
}

// The lag of the one group that there is.
std::optional<std::uint64_t> LagBy(Source& source) {
  const auto reading = source.Poll({});
  if (!reading) throw std::runtime_error(reading.error().message);
  return reading->groups.at(0).lag;
}

std::string At(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

std::string Tls(const std::filesystem::path& ca, const CertificateFiles& client) {
  return "tls: {ca_file: " + ca.string() + ", cert_file: " + client.cert.string() +
         ", key_file: " + client.key.string() + "}";
}

// Of a server that wants a certificate of its clients.
std::vector<std::string> ServerTls(const std::filesystem::path& ca, const CertificateFiles& own) {
  return {"--tls-ca-cert-file", ca,      "--tls-cert-file",   own.cert,
          "--tls-key-file",     own.key, "--tls-replication", "yes"};
}

void Fill(RedisClient client, int entries) {
  client.TryCommand({"XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"});
  for (int i = 0; i < entries; ++i) client.Command({"XADD", "s", "*", "f", "v"});
}

class SecuredNodes : public testing::Test {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(
        RedisServer::Available(RedisKind::kRedis) && CertificateAuthority::Available(),
        "redis-server or openssl: run tools/setup.sh test");
    std::signal(SIGPIPE, SIG_IGN);  // as the agent does
    log::Init({.level = LogLevel::kError, .format = LogFormat::kText});
    authority_ = std::make_unique<CertificateAuthority>("authority");
    own_ = authority_->Issue("own");
    client_ = authority_->Issue("client");
  }

  std::vector<std::string> ServerTls() const { return test::ServerTls(authority_->cert(), own_); }
  std::string ClientTls() const { return Tls(authority_->cert(), client_); }

  std::unique_ptr<CertificateAuthority> authority_;
  CertificateFiles own_;
  CertificateFiles client_;
};

class SecuredSentinels : public SecuredNodes {
 protected:
  void SetUp() override {
    SecuredNodes::SetUp();
    primary_ = std::make_unique<RedisServer>(
        RedisServerOptions{.arguments = ServerTls(), .tls_port = true});
    Fill(primary_->Connect(), 5);
  }

  // One that takes no part in failovers and names the primary's port as it was told.
  static RedisSentinel Sentinel(std::uint16_t master_port, const std::vector<std::string>& tls) {
    return RedisSentinel({.master = "orders",
                          .master_port = master_port,
                          .quorum = 9,
                          .tls_port = true,
                          .more = AsConfiguration(tls)});
  }
  static std::string By(const std::string& scheme, std::uint16_t port,
                        const std::string& sentinel = "") {
    return "mode: sentinel, address: \"" + scheme + "://" + At(port) +
           "\", sentinel: {master: orders" + sentinel + "}, streams: {include: [s]}, ";
  }

  std::unique_ptr<RedisServer> primary_;
};

TEST_F(SecuredSentinels, AFailoverBehindMutualTlsIsFollowed) {
  RedisFailover failover(*primary_, "orders", {}, ServerTls());
  std::string addresses;
  for (std::size_t i = 0; i < failover.sentinels(); ++i) {
    addresses +=
        (i == 0 ? "\"rediss://" : ", \"rediss://") + At(failover.sentinel(i).tls_port()) + "\"";
  }
  const std::string target = "mode: sentinel, address: [" + addresses +
                             "], sentinel: {master: orders}, streams: {include: [s]}, ";
  const auto source = Make(target + ClientTls());
  EXPECT_EQ(LagBy(*source), 5u);
  const Error stranger =
      Failure(*Make(target + "tls: {ca_file: " + authority_->cert().string() + "}"));
  EXPECT_EQ(stranger.reason, Reason::kUnauthorized);
  EXPECT_THAT(stranger.message, AllOf(HasSubstr("sentinel 127.0.0.1:"),
                                      HasSubstr("set tls.cert_file and tls.key_file")));

  primary_->Connect().Command({"WAIT", "1", "5000"});
  primary_->Kill();
  EXPECT_EQ(Failure(*source).reason, Reason::kUnavailable);
  ASSERT_TRUE(
      WaitFor([&] { return failover.IsPrimary(failover.replica()); }, test::kLongestFailover));
  Fill(failover.replica().Connect(), 2);
  EXPECT_EQ(LagBy(*source), 7u) << "the first poll of the new primary";
}

TEST_F(SecuredSentinels, WhoSpeaksTlsAndWhoDoesNotCanBeSaid) {
  const CertificateAuthority other("another authority");
  const CertificateFiles others_own = other.Issue("own");
  const CertificateFiles others_client = other.Issue("client");
  const auto names_tls = Sentinel(primary_->tls_port(), ServerTls());
  const auto names_plain = Sentinel(primary_->port(), ServerTls());
  const auto foreign = Sentinel(primary_->tls_port(), test::ServerTls(other.cert(), others_own));
  const std::string foreign_tls = ", " + Tls(other.cert(), others_client);
  const std::pair<std::string, std::string> rows[] = {
      {"all by TLS", By("rediss", names_tls.tls_port()) + ClientTls()},
      {"the primary alone", By("redis", names_tls.port(), ", primary_tls: true") + ClientTls()},
      {"the sentinels alone",
       By("rediss", names_plain.tls_port(), ", primary_tls: false") + ClientTls()},
      {"the sentinels alone, said otherwise",
       By("rediss", names_plain.tls_port(), ", primary_tls: false, " + ClientTls())},
      {"nobody", By("redis", names_plain.port())},
      {"another authority and client certificate for each",
       By("rediss", foreign.tls_port(), foreign_tls) + ClientTls()},
  };
  for (const auto& [why, keys] : rows) {
    SCOPED_TRACE(why);
    EXPECT_EQ(LagBy(*Make(keys)), 5u);
  }
}

TEST_F(SecuredSentinels, WhatIsWrongIsToldByTheKeyThatMendsIt) {
  const CertificateAuthority other("another authority");
  const auto sentinel = Sentinel(primary_->tls_port(), ServerTls());
  const auto named = Sentinel(
      primary_->tls_port(),
      test::ServerTls(authority_->cert(), authority_->Issue("named", "DNS:sentinel.test")));
  const std::string ca = authority_->cert().string();
  struct Row {
    std::string why;
    std::string keys;
    Reason reason;
    std::string words;
  };
  const Row rows[] = {
      {"the sentinels' own authority is another",
       By("rediss", sentinel.tls_port(), ", tls: {ca_file: " + other.cert().string() + "}") +
           ClientTls(),
       Reason::kUnavailable, "into sentinel.tls.ca_file"},
      {"one for all is another",
       By("rediss", sentinel.tls_port()) + "tls: {ca_file: " + other.cert().string() + "}",
       Reason::kUnavailable, "into tls.ca_file"},
      {"sentinels want a certificate too",
       By("rediss", sentinel.tls_port(), ", tls: {ca_file: " + ca + "}") + ClientTls(),
       Reason::kUnauthorized, "set sentinel.tls.cert_file and sentinel.tls.key_file"},
      {"a certificate for another name",
       By("rediss", named.tls_port(), ", tls: {ca_file: " + ca + ", server_name: other.test}") +
           ClientTls(),
       Reason::kUnavailable,
       "is for sentinel.test, not for other.test: set "
       "sentinel.tls.server_name"},
      {"the primary has TLS and the sentinels have not, and nobody said so",
       By("redis", sentinel.port()), Reason::kUnavailable, "sentinel.primary_tls: true"},
      {"sentinels have TLS and the address says they have not",
       By("redis", sentinel.tls_port(), ", primary_tls: true") + ClientTls(), Reason::kUnavailable,
       "write rediss:// in the address"},
      {"a password that they do not want",
       By("rediss", sentinel.tls_port(), ", password: secret") + ClientTls(), Reason::kUnauthorized,
       "remove it from the target's section sentinel"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const Error error = Failure(*Make(row.keys));
    EXPECT_EQ(error.reason, row.reason) << error.message;
    EXPECT_THAT(error.message, HasSubstr(row.words));
    EXPECT_THAT(error.message, Not(HasSubstr("secret")));
  }
  EXPECT_EQ(LagBy(*Make(By("rediss", named.tls_port(),
                           ", " + ClientTls().insert(6, "server_name: sentinel.test, ")) +
                        ClientTls())),
            5u)
      << "a name for the sentinels alone";
}

TEST_F(SecuredSentinels, ANameThatTheyTellIsTheOneInThePrimarysCertificate) {
  const auto by_name = authority_->Issue("by-name", "DNS:localhost");
  primary_->Connect().Command(
      {"CONFIG", "SET", "tls-cert-file", by_name.cert, "tls-key-file", by_name.key});
  const RedisSentinel names({.master = "orders",
                             .master_port = primary_->tls_port(),
                             .by_name = true,
                             .quorum = 9,
                             .tls_port = true,
                             .more = AsConfiguration(ServerTls())});
  EXPECT_EQ(LagBy(*Make(By("rediss", names.tls_port()) + ClientTls())), 5u);
  const auto addresses = Sentinel(primary_->tls_port(), ServerTls());
  EXPECT_THAT(Failure(*Make(By("rediss", addresses.tls_port()) + ClientTls())).message,
              HasSubstr("is for localhost, not for 127.0.0.1"));
  const std::string own = ", " + ClientTls();  // so that server_name is the primary's alone
  EXPECT_EQ(LagBy(*Make(By("rediss", addresses.tls_port(), own) +
                        ClientTls().insert(6, "server_name: localhost, "))),
            5u);
}

TEST_F(SecuredSentinels, UserAndDatabaseAreThePrimarysAndPasswordsAreReadAgain) {
  const TempDir folder;
  const auto sentinel = Sentinel(primary_->tls_port(), [&] {
    auto lines = ServerTls();
    lines.insert(lines.end(),
                 {"--user", "default", "off", "--user", "watch", "on", ">sentinels", "-@all",
                  "+auth", "+client|setname", "+info", "+sentinel|get-master-addr-by-name"});
    return lines;
  }());
  RedisClient admin = primary_->Connect();
  admin.Command({"ACL", "SETUSER", "agent", "on", ">first", "~*", "+@all"});
  admin.Command({"SELECT", "3"});
  Fill(std::move(admin), 2);
  const auto file = folder.Write("password", "first\n");
  const std::string keys = "mode: sentinel, address: \"rediss://" + At(sentinel.tls_port()) +
                           "/3\", sentinel: {master: orders, username: watch, password: "
                           "sentinels}, username: agent, password_file: " +
                           file.string() + ", streams: {include: [s]}, " + ClientTls();
  const auto source = Make(keys);
  EXPECT_EQ(LagBy(*source), 2u);
  (void)folder.Write("password", "second\n");
  primary_->Connect().Command({"ACL", "SETUSER", "agent", "resetpass", ">second"});
  primary_->Connect().Command({"CLIENT", "KILL", "USER", "agent"});
  EXPECT_EQ(LagBy(*source), 2u);
}

class SecuredCluster : public SecuredNodes, public testing::WithParamInterface<RedisKind> {
 protected:
  void SetUp() override {
    SecuredNodes::SetUp();
    STREAMGAUGE_REQUIRE(RedisServer::Available(GetParam()), "a server: run tools/setup.sh test");
    auto tls = ServerTls();
    tls.resize(6);  // the fixture adds who speaks it
    cluster_ = std::make_unique<RedisCluster>(RedisClusterOptions{
        .kind = GetParam(), .primaries = 3, .replicas_of = {0}, .arguments = tls, .tls = true});
    for (std::size_t node = 0; node < 3; ++node) {
      keys_.push_back(cluster_->KeyOn(node, "orders:"));
      cluster_->Command({"XGROUP", "CREATE", keys_.back(), "g", "0", "MKSTREAM"});
      for (int i = 0; i < 5; ++i) cluster_->Command({"XADD", keys_.back(), "*", "f", "v"});
    }
  }

  std::string ByTls(const std::string& tls, const std::string& more = "") {
    return "mode: cluster, address: \"rediss://" + At(cluster_->node(1).tls_port()) +
           "\", streams: {include: [\"" + keys_[0] + "\", \"" + keys_[1] + "\", \"" + keys_[2] +
           "\"]}, " + more + tls;
  }
  static Reading Poll(Source& source) {
    auto reading = source.Poll({});
    if (!reading) throw std::runtime_error(reading.error().message);
    return std::move(*reading);
  }
  // All streams are there, each with this lag.
  static void ExpectAll(Source& source, std::uint64_t lag, const std::string& when) {
    const Reading reading = Poll(source);
    EXPECT_EQ(reading.nodes, 3u) << when;
    ASSERT_EQ(reading.groups.size(), 3u) << when;
    for (const GroupReading& group : reading.groups) EXPECT_EQ(group.lag, lag) << when;
  }
  void Everywhere(const RedisCommand& command) {
    for (std::size_t i = 0; i < cluster_->size(); ++i) cluster_->client(i).Command(command);
  }
  void Show(const CertificateFiles& files) {
    Everywhere({"CONFIG", "SET", "tls-cert-file", files.cert, "tls-key-file", files.key});
  }

  std::unique_ptr<RedisCluster> cluster_;
  std::vector<std::string> keys_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, SecuredCluster,
                         testing::Values(RedisKind::kRedis, RedisKind::kValkey),
                         [](const auto& test) {
                           return test.param == RedisKind::kRedis ? "Redis" : "Valkey";
                         });

// One cluster for all of it: starting one takes longer than everything below.
TEST_P(SecuredCluster, IsFollowedThroughMovesNewSecretsNamesAndAFailover) {
  const TempDir folder;
  Everywhere({"ACL", "SETUSER", "agent", "on", ">first", "~*", "+@all"});
  const auto password = folder.Write("password", "first\n");
  const auto cert = folder.Write("client.pem", ReadFile(client_.cert));
  const auto key = folder.Write("client.key", ReadFile(client_.key));
  const std::string login = "username: agent, password_file: " + password.string() + ", ";
  const auto source = Make(ByTls(Tls(authority_->cert(), {cert, key}), login));
  ExpectAll(*source, 5, "at first");

  const std::uint16_t slot = cluster_->SlotOf(keys_[2]);
  cluster_->BeginMove(slot, 2, 1);
  ExpectAll(*source, 5, "a slot is about to move");
  cluster_->MoveKey(keys_[2], 2, 1);
  ExpectAll(*source, 5, "its key has moved: ASK");
  EXPECT_GT(source->telemetry().requests.at("asking"), 0u);
  cluster_->EndMove(slot, 2, 1);
  ExpectAll(*source, 5, "it has moved: MOVED");

  const CertificateFiles renewed = authority_->Issue("renewed");
  (void)folder.Write("client.pem", ReadFile(renewed.cert));
  (void)folder.Write("client.key", ReadFile(renewed.key));
  (void)folder.Write("password", "second\n");
  Everywhere({"ACL", "SETUSER", "agent", "resetpass", ">second"});
  Everywhere({"CLIENT", "KILL", "USER", "agent"});
  ExpectAll(*source, 5, "with another password and certificate");

  Show(authority_->Issue("shared", "DNS:shared.test"));
  const auto strict = Make(ByTls(ClientTls()));
  EXPECT_THAT(Failure(*strict).message, HasSubstr("is for shared.test, not for 127.0.0.1"));
  ExpectAll(*Make(ByTls(ClientTls().insert(6, "server_name: shared.test, "))), 5,
            "a name that all certificates bear");

  Show(authority_->Issue("announced", "DNS:localhost"));
  Everywhere({"CONFIG", "SET", "cluster-announce-hostname", "localhost"});
  Everywhere({"CONFIG", "SET", "cluster-preferred-endpoint-type", "hostname"});
  std::string announced = ByTls(ClientTls());
  announced.replace(announced.find("127.0.0.1"), 9, "localhost");
  const auto by_name = Make(announced);
  ASSERT_TRUE(WaitFor([&] { return by_name->Poll({}) && Poll(*by_name).nodes == 3; }, seconds(10)))
      << "until each has heard the others' names";
  ExpectAll(*by_name, 5, "by the names that nodes announce");

  cluster_->WaitForReplicas();
  cluster_->client(3).Command({"CLUSTER", "FAILOVER"});
  ASSERT_TRUE(WaitFor([&] { return cluster_->OwnerOf(keys_[0]) == 3; }, seconds(20)));
  ASSERT_TRUE(WaitFor([&] { return Poll(*by_name).groups.size() == 3; }, seconds(10)));
  ExpectAll(*by_name, 5, "after a failover");
}

}  // namespace
}  // namespace streamgauge::test
