#include "config/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "config/config_file.h"

namespace streamgauge {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Messages;
using test::Parse;
using test::Variables;
using test::WithKafka;
using test::WithRedis;
using test::WithTop;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Config Loaded(const std::string& text, const Environment& environment = Variables({})) {
  auto config = Parse(text, environment);
  if (!config) {
    for (const auto& problem : config.error()) ADD_FAILURE() << problem.ToString();
    return {};
  }
  return *config;
}
RedisTargetConfig LoadedRedis(const std::string& lines) {
  const Config config = Loaded(WithRedis(lines));
  return config.targets.empty() ? RedisTargetConfig{}
                                : std::get<RedisTargetConfig>(config.targets[0].backbone);
}
KafkaTargetConfig LoadedKafka(const std::string& lines) {
  const Config config = Loaded(WithKafka(lines));
  return config.targets.empty() ? KafkaTargetConfig{}
                                : std::get<KafkaTargetConfig>(config.targets[0].backbone);
}

TEST(ConfigLoaderTest, AllProblemsComeAtOnceInTheFilesOrder) {
  const std::string text =
      "poll_interval: 5x\n"
      "targets:\n"
      "  - name: a\n"
      "    type: redis\n"
      "    adress: redis://h\n"
      "  - {name: a, type: kafka, brokers: [x]}\n"
      "shard: {total: 0}\n";
  EXPECT_THAT(Messages(text),
              ElementsAre(HasSubstr("agent.yaml:1: poll_interval: \"5x\""),
                          HasSubstr("targets[0].address: is missing"),
                          HasSubstr("agent.yaml:5: targets[0].adress: unknown key; did you mean "
                                    "address?"),
                          HasSubstr("agent.yaml:6: targets[1].name: \"a\" is taken"),
                          HasSubstr("agent.yaml:6: targets[1].brokers[0]"),
                          HasSubstr("agent.yaml:7: shard.total")));
}

TEST(ConfigLoaderTest, AKeyThatStandsTwiceHidesNoOtherProblem) {
  EXPECT_THAT(Messages(WithTop("log: {level: loud}\nlog: {level: info}\nstale_after: 5")),
              ElementsAre(HasSubstr("agent.yaml:1: log.level: \"loud\" is not allowed"),
                          HasSubstr("agent.yaml:2: the key \"log\" stands here a second time"),
                          HasSubstr("agent.yaml:3: stale_after")));
}

TEST(ConfigLoaderTest, WithoutATypeTheKeysOfAllAreKnown) {
  const auto messages = Messages("targets: [{name: a, quirk: 1}]\n");
  EXPECT_THAT(messages, testing::Contains(testing::AllOf(HasSubstr("quirk: unknown key"),
                                                         HasSubstr("brokers"), HasSubstr("groups"),
                                                         HasSubstr("streams"))));
}

TEST(ConfigLoaderTest, AnUnreadableFileIsOneProblemWithItsCause) {
  const auto missing = ReadConfigFile("/nonexistent/agent.yaml");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error()[0].ToString(),
            "/nonexistent/agent.yaml: the configuration cannot be read: No such file or directory");
  const auto folder = ReadConfigFile("/");
  ASSERT_FALSE(folder.has_value());
  EXPECT_EQ(folder.error()[0].ToString(), "/: the configuration cannot be read: it is a directory");
}

TEST(ConfigLoaderTest, WhatLibrdkafkaSaysOfAPropertyStandsAtItsLine) {
  const auto check = [](const std::map<std::string, std::string>& properties) {
    EXPECT_THAT(properties, ElementsAre(std::pair("a.b", "1"), std::pair("c", "2")));
    return std::vector<std::string>{"c has a value that librdkafka refuses", "x"};
  };
  const auto config = ParseConfig(WithKafka("    properties:\n      a.b: 1\n      c: 2\n"),
                                  "agent.yaml", Variables({}), check);
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().at(1).ToString(),
            "agent.yaml:7: targets[0].properties.c: has a value that librdkafka refuses");
  EXPECT_EQ(config.error().at(0).ToString(), "agent.yaml:5: targets[0].properties.x: ");
}

TEST(ConfigLoaderTest, TheSmallestFileHasTheDocumentedDefaults) {
  const Config config = Loaded(WithRedis(""));
  EXPECT_EQ(config.http, HttpConfig{});
  EXPECT_EQ(config.log, LogConfig{});
  EXPECT_EQ(config.stale_after, seconds(30));
  ASSERT_EQ(config.targets.size(), 1U);
  EXPECT_EQ(config.targets[0].poll_interval, seconds(10));
  EXPECT_EQ(config.targets[0].timeout, seconds(5));
  EXPECT_EQ(config.targets[0].system(), "redis");
  EXPECT_THAT(LoadedKafka("").streams.exclude, ElementsAre("__*")) << "Kafka's own topics";
}

TEST(ConfigLoaderTest, EveryKeyOfTheFileReachesItsField) {
  const Config config = Loaded(R"(
http: {listen: "[::1]:9999", enable_reload: true}
log: {level: debug, format: json}
poll_interval: 20s
stale_after: 50s
signals: {window: 10m, pending_window: 1h, dead_after: 5m, loss_horizon: 2h}
shard: {index: 2, total: 3}
objectives: [{target: "r*", stream: s, group: g, lag_seconds: 2.5}]
targets:
  - {name: r1, type: redis, address: [redis://h], poll_interval: 500ms, timeout: 100ms, max_series: 7}
  - {name: k, type: kafka, brokers: [h:1], timeout: 3s}
)");
  EXPECT_EQ(config.http, (HttpConfig{.host = "::1", .port = 9999, .enable_reload = true}));
  EXPECT_EQ(config.log, (LogConfig{.level = LogLevel::kDebug, .format = LogFormat::kJson}));
  EXPECT_EQ(config.stale_after, seconds(50));
  EXPECT_EQ(config.signals, (SignalsConfig{.window = minutes(10),
                                           .pending_window = minutes(60),
                                           .dead_after = minutes(5),
                                           .loss_horizon = minutes(120)}));
  EXPECT_THAT(config.objectives, ElementsAre(Objective{"r*", "s", "g", 2.5}));
  ASSERT_EQ(config.targets.size(), 2U);
  EXPECT_EQ(config.targets[0].poll_interval, milliseconds(500)) << "of its own";
  EXPECT_EQ(config.targets[0].timeout, milliseconds(100));
  EXPECT_EQ(config.targets[0].max_series, 7U);
  EXPECT_EQ(config.targets[1].poll_interval, seconds(20)) << "the file's";
  EXPECT_EQ(config.targets[1].timeout, seconds(3));
}

TEST(ConfigLoaderTest, EveryKeyOfARedisTargetReachesItsField) {
  const RedisTargetConfig redis = LoadedRedis(R"(
    mode: standalone
    username: monitor
    password: hunter2
    streams: {include: ["orders:*", literal], exclude: ["orders:tmp:*"]}
    groups: {include: [g], exclude: []}
    discovery_interval: 5m
    max_consumers_per_group: 0
    count_limit: 123
    max_streams: 5
    max_groups: 6
    stream_bytes: true
)");
  EXPECT_THAT(redis.addresses, ElementsAre(RedisAddress{.host = "h", .port = 6379, .database = 0}));
  EXPECT_EQ(redis.username, "monitor");
  EXPECT_EQ(redis.password, Secret::FromText("hunter2"));
  EXPECT_EQ(redis.streams, (NameFilter{{"orders:*", "literal"}, {"orders:tmp:*"}}));
  EXPECT_EQ(redis.groups, (NameFilter{{"g"}, {}}));
  EXPECT_EQ(redis.discovery_interval, minutes(5));
  EXPECT_EQ(redis.max_consumers_per_group, 0U);
  EXPECT_EQ(redis.count_limit, 123U);
  EXPECT_EQ(redis.max_streams, 5U);
  EXPECT_EQ(redis.max_groups, 6U);
  EXPECT_TRUE(redis.stream_bytes);
}

TEST(ConfigLoaderTest, EveryKeyOfAKafkaTargetReachesItsField) {
  const KafkaTargetConfig kafka = LoadedKafka(R"(
    properties: {security.protocol: SASL_SSL, sasl.password_file: pw, socket.keepalive.enable: true}
    offsets: admin
    streams: {exclude: []}
    groups: {include: [g]}
    detail: group
    max_streams: 5
    max_groups: 6
)");
  EXPECT_THAT(kafka.brokers, ElementsAre("h:9092"));
  EXPECT_EQ(kafka.properties,
            (std::map<std::string, std::string>{{"security.protocol", "SASL_SSL"},
                                                {"socket.keepalive.enable", "true"}}));
  EXPECT_EQ(kafka.secret_files,
            (std::map<std::string, Secret>{{"sasl.password", Secret::FromFile("pw")}}));
  EXPECT_EQ(kafka.streams, (NameFilter{{"*"}, {}}));
  EXPECT_EQ(kafka.groups, (NameFilter{{"g"}, {}}));
  EXPECT_EQ(kafka.offsets, KafkaOffsets::kAdmin);
  EXPECT_EQ(kafka.detail, KafkaDetail::kGroup);
  EXPECT_EQ(kafka.max_streams, 5U);
  EXPECT_EQ(kafka.max_groups, 6U);
}

TEST(ConfigLoaderTest, ASecretPropertyOfKafkaMayStandInAFile) {
  const KafkaTargetConfig kafka = LoadedKafka(R"(
    properties:
      sasl.password_file: pw
      sasl.oauthbearer.client.secret_file: secret
      ssl.key.password_file: key
)");
  EXPECT_EQ(kafka.secret_files, (std::map<std::string, Secret>{
                                    {"sasl.password", Secret::FromFile("pw")},
                                    {"sasl.oauthbearer.client.secret", Secret::FromFile("secret")},
                                    {"ssl.key.password", Secret::FromFile("key")}}));
  EXPECT_TRUE(kafka.properties.empty());
}

TEST(ConfigLoaderTest, CredentialsMayStandInTheAddress) {
  const Config config = Loaded(
      "targets: [{name: a, type: redis, address: \"redis://mon%40x:p%2Fw@[::1]:7000/3\"}]\n");
  const auto& redis = std::get<RedisTargetConfig>(config.targets.at(0).backbone);
  EXPECT_THAT(redis.addresses,
              ElementsAre(RedisAddress{.host = "::1", .port = 7000, .database = 3}));
  EXPECT_EQ(redis.username, "mon@x");
  EXPECT_EQ(redis.password, Secret::FromText("p/w"));
}

TEST(ConfigLoaderTest, TheShardComesFromAPodsNameAndReachesEveryTarget) {
  const Config config = Loaded(
      "shard: {index: \"${POD_NAME}\", total: 3}\ntargets:\n"
      "- {name: r, type: redis, address: redis://h}\n"
      "- {name: k, type: kafka, brokers: [h:1]}\n",
      Variables({{"POD_NAME", "streamgauge-2"}}));
  const Shard shard{.index = 2, .total = 3};
  EXPECT_EQ(config.shard, shard);
  EXPECT_EQ(std::get<RedisTargetConfig>(config.targets.at(0).backbone).shard, shard);
  EXPECT_EQ(std::get<KafkaTargetConfig>(config.targets.at(1).backbone).shard, shard);
}

TEST(ConfigLoaderTest, VariablesAreReplacedAfterParsing) {
  const auto environment = Variables({{"PW", "a: [b] # ${HOME}"}, {"TICK", "20s"}, {"SHARD", "0"}});
  const Config config =
      Loaded("poll_interval: ${TICK}\nshard: {index: \"${SHARD}\"}\n" +
                 WithRedis("    password: ${PW}\n    username: x$${y}${TICK}$z\n"),
             environment);
  EXPECT_EQ(config.targets.at(0).poll_interval, seconds(20));
  const auto& redis = std::get<RedisTargetConfig>(config.targets[0].backbone);
  EXPECT_EQ(redis.password, Secret::FromText("a: [b] # ${HOME}"))
      << "what looks like YAML or a variable in a variable is neither";
  EXPECT_EQ(redis.username, "x${y}20s$z");
}

TEST(ConfigLoaderTest, AProblemShowsTheVariableAndNotItsContent) {
  EXPECT_THAT(Messages(WithTop("poll_interval: ${SECRET}"), Variables({{"SECRET", "hunter2"}})),
              ElementsAre("agent.yaml:1: poll_interval: \"${SECRET}\" is not a duration (try 5s, "
                          "2m)"));
  EXPECT_THAT(
      Messages("targets: [{name: orders, type: redis, address: \"redis/u:${SECRET}=h\"}]\n",
               Variables({{"SECRET", "hunter2"}})),
      ElementsAre("agent.yaml:1: targets[0].address: \"redis/u:${SECRET}=h\": is no Redis address; "
                  "write redis://host:port/database (rediss:// for TLS)"));
  EXPECT_THAT(Messages(WithRedis("    mode: ${SECRET}\n"), Variables({{"SECRET", "hunter2"}})),
              ElementsAre(Not(HasSubstr("hunter2"))));
}

TEST(ConfigLoaderTest, SentinelsAndPrimaryHaveTheTlsThatIsMeant) {
  struct Row {
    const char* why;
    const char* lines;
    bool sentinels;
    bool primary;
    std::string ca_of_sentinels;
    std::string ca_of_primary;
  };
  const Row rows[] = {
      {"one for all", "address: rediss://h\n    tls: {ca_file: /a}", true, true, "/a", "/a"},
      {"two authorities",
       "address: rediss://h\n    tls: {ca_file: /a}\n    sentinel: {tls: {ca_file: /b}}", true,
       true, "/b", "/a"},
      {"the primary alone",
       "address: redis://h\n    tls: {ca_file: /a}\n    sentinel: {primary_tls: true}", false, true,
       "", "/a"},
      {"the sentinels alone",
       "address: rediss://h\n    sentinel: {primary_tls: false, tls: {ca_file: /b}}", true, false,
       "/b", ""},
      {"the same, said otherwise",
       "address: rediss://h\n    tls: {ca_file: /a}\n    sentinel: {primary_tls: false}", true,
       false, "/a", "/a"},
      {"nobody", "address: redis://h", false, false, "", ""},
      {"keys without values say nothing",
       "address: rediss://h\n    tls: {ca_file: /a}\n    sentinel: {primary_tls: , tls: {ca_file: "
       "}}",
       true, true, "/a", "/a"},
  };
  for (const Row& row : rows) {
    std::string lines = row.lines;
    const std::size_t section = lines.find("sentinel: {");
    if (section == std::string::npos) {
      lines += "\n    sentinel: {master: m}";
    } else {
      lines.insert(section + 11, "master: m, ");
    }
    const Config config = Loaded(
        "targets:\n  - name: checkout\n    type: redis\n    mode: sentinel\n    " + lines + "\n");
    const auto& redis = std::get<RedisTargetConfig>(config.targets.at(0).backbone);
    EXPECT_EQ(redis.addresses.at(0).tls, row.sentinels) << row.why;
    EXPECT_EQ(redis.sentinel.primary_tls, row.primary) << row.why;
    EXPECT_EQ(redis.sentinel.tls.ca_file, row.ca_of_sentinels) << row.why;
    EXPECT_EQ(redis.tls.ca_file, row.ca_of_primary) << row.why;
  }
}

TEST(ConfigLoaderTest, AKeyWithoutAValueIsNotGiven) {
  const RedisTargetConfig redis = LoadedRedis(
      "    tls: {ca_file: , cert_file: ~, insecure_skip_verify: false}\n    sentinel:\n    "
      "password:\n"
      "    streams: {include: }\n");
  EXPECT_TRUE(redis.password.empty());
  EXPECT_EQ(redis.streams, NameFilter{});
}

TEST(ConfigLoaderTest, AliasesShareWhatAnAnchorNames) {
  const Config config = Loaded(
      "targets:\n"
      "  - {name: a, type: redis, address: redis://h, streams: &s {include: [x]}}\n"
      "  - {name: b, type: redis, address: redis://i, streams: *s}\n");
  EXPECT_EQ(std::get<RedisTargetConfig>(config.targets.at(1).backbone).streams.include,
            std::vector<std::string>{"x"});
}

TEST(ConfigLoaderTest, RelativePathsStartAtTheFilesFolder) {
  const auto load = [](const std::string& path) {
    const auto config = ParseConfig(WithRedis("    password_file: " + path + "\n"),
                                    "/etc/streamgauge/agent.yaml", Variables({}));
    return std::get<RedisTargetConfig>(config.value().targets[0].backbone).password;
  };
  EXPECT_EQ(load("secrets/redis"), Secret::FromFile("/etc/streamgauge/secrets/redis"));
  EXPECT_EQ(load("../redis"), Secret::FromFile("/etc/redis"));
  EXPECT_EQ(load("/run/secrets/redis"), Secret::FromFile("/run/secrets/redis"));
}

TEST(ConfigLoaderTest, AShortIntervalBringsAShorterDefaultTimeout) {
  EXPECT_EQ(Loaded(WithRedis("    poll_interval: 1s\n")).targets.at(0).timeout, milliseconds(500));
}

TEST(ConfigLoaderTest, ALongIntervalBringsALongerDefaultStaleAfter) {
  EXPECT_EQ(Loaded(WithRedis("    poll_interval: 1m\n")).stale_after, minutes(3));
}

TEST(ConfigLoaderTest, ManyAliasesOfAliasesCostNothing) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + previous + ", " +
            previous + ", " + previous + "]\n";
  }
  EXPECT_THAT(Messages(text), Not(IsEmpty())) << "3^29 texts, if they were copied";
}

TEST(ConfigLoaderTest, DeepNestingIsAProblemAndNoCrash) {
  EXPECT_THAT(Messages(std::string(100'000, '[')), ElementsAre(HasSubstr("498 deep")));
}

}  // namespace
}  // namespace streamgauge
