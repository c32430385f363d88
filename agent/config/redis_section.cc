#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "config/redis_url.h"
#include "config/sections.h"

namespace streamgauge {
namespace {

RedisMode ReadMode(Section& section) {
  static constexpr std::array<std::pair<std::string_view, RedisMode>, 3> kModes = {
      {{"standalone", RedisMode::kStandalone},
       {"sentinel", RedisMode::kSentinel},
       {"cluster", RedisMode::kCluster}}};
  RedisMode mode = RedisMode::kStandalone;
  section.Read("mode", mode, Choices<RedisMode>(kModes));
  return mode;
}

bool HasCredentials(const RedisUrl& url) { return !url.user.empty() || url.password.has_value(); }

// What the addresses of several servers must have in common.
void JudgeTogether(Section& section, const TextValue& value, const RedisUrl& url,
                   const RedisUrl& first, RedisMode mode) {
  if (mode == RedisMode::kSentinel && HasCredentials(url)) {
    section.Fail(value,
                 "credentials in a sentinel's address could be those of either: write username and "
                 "password_file for Redis, sentinel.username and sentinel.password_file for the "
                 "sentinels");
  } else if (url.user != first.user || url.password != first.password) {
    section.Fail(value,
                 "the addresses have different credentials; write username and "
                 "password_file instead");
  }
  if (mode == RedisMode::kCluster && url.address.database != 0) {
    section.Fail(value, "a cluster has no database but 0");
  } else if (url.address.database != first.address.database) {
    section.Fail(value, "the addresses name different databases");
  }
  if (!url.address.socket.empty()) {
    section.Fail(value, "a Unix socket is one server's: mode: standalone");
  }
}

// The URL of the first address, for its credentials.
RedisUrl ReadAddresses(Section& section, RedisTargetConfig& config) {
  section.Require("address", "where Redis is (try redis://127.0.0.1:6379/0)");
  RedisUrl first;
  const std::vector<TextValue> values = section.Texts("address", /*one_alone=*/true);
  for (const TextValue& value : values) {
    auto url =
        ParseRedisUrl(value.text, config.mode == RedisMode::kSentinel ? kSentinelPort : kRedisPort);
    if (!url) {
      section.Fail(value,
                   fmt::format("{}: {}", Quote(WithoutCredentials(value.written)), url.error()));
      continue;
    }
    if (config.addresses.empty()) first = *url;
    config.addresses.push_back(url->address);
    if (config.mode != RedisMode::kStandalone) {
      JudgeTogether(section, value, *url, first, config.mode);
    }
  }
  if (section.IsEmptyList("address")) {
    section.Fail("address", "has no address in it (try redis://127.0.0.1:6379/0)");
  }
  if (values.size() > 1 && config.mode == RedisMode::kStandalone) {
    section.Fail("address", "several addresses are for mode: sentinel or cluster; give one");
  }
  return first;
}

// In one of two keys, or in the address.
void ReadPassword(Section& section, std::optional<std::string> in_address, Secret& password) {
  int sources = 0;
  if (in_address) {
    ++sources;
    password = Secret::FromText(*std::move(in_address));
  }
  if (section.Given("password")) {
    ++sources;
    if (auto text = section.ReadSecret("password")) password = Secret::FromText(*text);
  }
  if (section.Given("password_file")) {
    ++sources;
    std::filesystem::path path;
    section.ReadPath("password_file", path);
    password = Secret::FromFile(path);
  }
  if (sources > 1) {
    section.Fail(section.Given("password_file") ? "password_file" : "password",
                 "the password is given more than once (password_file, password, address); keep "
                 "one");
  }
}

// User and password stand in keys of their own or in the URL, each once.
void ReadCredentials(Section& section, RedisUrl url, RedisTargetConfig& config) {
  config.username = std::move(url.user);
  if (section.Given("username")) {
    if (!config.username.empty()) section.Fail("username", "the address has a user too; keep one");
    section.Read("username", config.username);
  }
  ReadPassword(section, std::move(url.password), config.password);
}

void RefuseSentinel(Section& section, const SentinelConfig& config) {
  for (const auto key : {"master", "username", "password", "password_file"}) {
    if (section.Given(key)) section.Fail(key, "is for mode: sentinel");
  }
  // These two may stand there with the values that they have anyway.
  if (config.primary_tls) section.Fail("primary_tls", "is for mode: sentinel");
  if (config.tls != TlsClientConfig()) section.Fail("tls", "is for mode: sentinel");
}

// REQUIRES: the addresses have been read.
void ReadSentinel(Section& section, RedisTargetConfig& config) {
  SentinelConfig& sentinel = config.sentinel;
  const bool in_use = config.mode == RedisMode::kSentinel;
  section.Read("master", sentinel.master);
  section.Read("username", sentinel.username);
  ReadPassword(section, {}, sentinel.password);
  ReadTlsClient(section, sentinel.tls);
  // Whoever has it for one has it for the other, usually.
  sentinel.primary_tls = in_use && !config.addresses.empty() && config.addresses[0].tls;
  section.Read("primary_tls", sentinel.primary_tls);
  if (!in_use) {
    RefuseSentinel(section, sentinel);
  } else if (sentinel.master.empty()) {
    section.Fail("master", "is missing: the name that the sentinels know the primary by");
  }
}

}  // namespace

void ReadRedis(Section& section, RedisTargetConfig& config) {
  config.mode = ReadMode(section);
  ReadCredentials(section, ReadAddresses(section, config), config);
  ReadTlsClient(section, config.tls);
  Section sentinel = section.Child("sentinel");
  ReadSentinel(sentinel, config);
  JudgeTls(section, sentinel, config);
  sentinel.Finish();
  ReadFilter(section.Child("streams"), config.streams);
  ReadFilter(section.Child("groups"), config.groups);
  section.Read("discovery_interval", config.discovery_interval, std::chrono::milliseconds(100),
               std::chrono::hours(24));
  section.Read("max_consumers_per_group", config.max_consumers_per_group, 0, 100'000);
  section.Read("count_limit", config.count_limit, 0, 10'000'000);
  section.Read("max_streams", config.max_streams, 1, 1'000'000);
  section.Read("max_groups", config.max_groups, 1, 1'000'000);
  section.Read("stream_bytes", config.stream_bytes);
}

}  // namespace streamgauge
