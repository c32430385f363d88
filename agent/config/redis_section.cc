#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "config/redis_url.h"
#include "config/sections.h"

namespace streamgauge {
namespace {

constexpr std::string_view kSentinel = "Redis Sentinel";

void ReadMode(Section& section) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kModes = {
      {{"standalone", ""}, {"sentinel", kSentinel}, {"cluster", "Redis Cluster"}}};
  std::string_view unsupported;
  section.Read("mode", unsupported, Choices<std::string_view>(kModes));
  if (!unsupported.empty()) RefuseGiven(section, "mode", unsupported);
}

void RefuseSentinel(Section section) {
  for (const auto key : {"master", "username", "password_file"}) {
    RefuseGiven(section, key, kSentinel);
  }
  section.Finish();
}

// The URL of the one address, for its credentials.
RedisUrl ReadAddresses(Section& section, RedisTargetConfig& config) {
  section.Require("address", "where Redis is (try redis://127.0.0.1:6379/0)");
  RedisUrl first;
  const std::vector<TextValue> values = section.Texts("address", /*one_alone=*/true);
  for (const TextValue& value : values) {
    auto url = ParseRedisUrl(value.text);
    if (!url) {
      section.Fail(value, fmt::format("\"{}\": {}", WithoutCredentials(value.text), url.error()));
      continue;
    }
    config.addresses.push_back(url->address);
    if (config.addresses.size() == 1) first = std::move(*url);
  }
  if (section.IsEmptyList("address")) {
    section.Fail("address", "has no address in it (try redis://127.0.0.1:6379/0)");
  }
  if (values.size() > 1) {
    section.Fail("address",
                 "several addresses are for sentinel and cluster, which are not "
                 "supported in this version; give one");
  }
  return first;
}

// User and password stand in keys of their own or in the URL, each once.
void ReadCredentials(Section& section, RedisUrl url, RedisTargetConfig& config) {
  config.username = std::move(url.user);
  if (section.Given("username")) {
    if (!config.username.empty()) section.Fail("username", "the address has a user too; keep one");
    section.Read("username", config.username);
  }
  int sources = 0;
  if (url.password) {
    ++sources;
    config.password = Secret::FromText(*std::move(url.password));
  }
  if (section.Given("password")) {
    ++sources;
    if (auto text = section.ReadSecret("password")) config.password = Secret::FromText(*text);
  }
  if (section.Given("password_file")) {
    ++sources;
    std::filesystem::path path;
    section.ReadPath("password_file", path);
    config.password = Secret::FromFile(path);
  }
  if (sources > 1) {
    section.Fail(section.Given("password_file") ? "password_file" : "password",
                 "the password is given more than once (password_file, password, address); keep "
                 "one");
  }
}

}  // namespace

void ReadRedis(Section& section, RedisTargetConfig& config) {
  ReadMode(section);
  ReadCredentials(section, ReadAddresses(section, config), config);
  ReadTlsClient(section, config);
  RefuseSentinel(section.Child("sentinel"));
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
