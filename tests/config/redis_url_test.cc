#include "config/redis_url.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "config/host_port.h"

namespace streamgauge {
namespace {

struct UrlCase {
  std::string url;
  RedisAddress address;
  std::string user;
  std::optional<std::string> password;
};

RedisAddress Socket(const std::string& path, std::uint32_t database = 0) {
  return {.host = "", .port = 0, .database = database, .socket = path};
}

TEST(RedisUrlTest, EveryFormIsRead) {
  const UrlCase rows[] = {
      {"redis://h", {"h", 6379, 0}, "", std::nullopt},
      {"redis://h/", {"h", 6379, 0}, "", std::nullopt},
      {"redis://redis.prod.svc:7000/15", {"redis.prod.svc", 7000, 15}, "", std::nullopt},
      {"redis://[::1]", {"::1", 6379, 0}, "", std::nullopt},
      {"redis://[2001:db8::1]:7000/2", {"2001:db8::1", 7000, 2}, "", std::nullopt},
      {"redis://[fe80::1%eth0]:7000", {"fe80::1%eth0", 7000, 0}, "", std::nullopt},
      {"redis://u@h", {"h", 6379, 0}, "u", std::nullopt},
      {"redis://u:p@h", {"h", 6379, 0}, "u", "p"},
      {"redis://:p@h", {"h", 6379, 0}, "", "p"},
      {"redis://u:@h", {"h", 6379, 0}, "u", ""},
      {"redis://u:a:b@h", {"h", 6379, 0}, "u", "a:b"},
      {"redis://u:a@b/c@h:1/2", {"h", 1, 2}, "u", "a@b/c"},  // not escaped, and still clear
      {"redis://%75:%40%2f@h", {"h", 6379, 0}, "u", "@/"},
      {"rediss://h", {.host = "h", .tls = true}, "", std::nullopt},
      {"rediss://u:p@[::1]:7000/2", {"::1", 7000, 2, true}, "u", "p"},
      {"unix:///run/redis.sock", Socket("/run/redis.sock"), "", std::nullopt},
      {"unix:///run/redis.sock?db=3", Socket("/run/redis.sock", 3), "", std::nullopt},
      {"unix://u:p@/run/redis.sock?db=3", Socket("/run/redis.sock", 3), "u", "p"},
      {"unix://:p%2F@/s", Socket("/s"), "", "p/"},
      {"unix://u:a@b@/s", Socket("/s"), "u", "a@b"},
      {"unix:///a@/b", Socket("/a@/b"), "", std::nullopt},  // a path may look like anything
      {"unix:///a%20b%3Fc", Socket("/a b?c"), "", std::nullopt},
  };
  for (const UrlCase& row : rows) {
    const auto url = ParseRedisUrl(row.url);
    ASSERT_TRUE(url.has_value()) << row.url << ": " << url.error();
    EXPECT_EQ(url->address, row.address) << row.url;
    EXPECT_EQ(url->user, row.user) << row.url;
    EXPECT_EQ(url->password, row.password) << row.url;
  }
}

TEST(RedisUrlTest, BrokenUrlsAreRefused) {
  const std::string long_port = "redis://h:" + std::string(1000, '1');
  for (const std::string& url : {std::string(),
                                 std::string("h:6379"),
                                 std::string("redis:/h"),
                                 std::string("http://h"),
                                 std::string("REDIS://h"),
                                 std::string("redis://"),
                                 std::string("redis://:6379"),
                                 std::string("redis://h:0"),
                                 std::string("redis://h:65536"),
                                 std::string("redis://h:"),
                                 std::string("redis://h:12x"),
                                 std::string("redis://::1"),
                                 std::string("redis://[::1"),
                                 std::string("redis://[::1]x"),
                                 std::string("redis://[h]"),
                                 std::string("redis://h/x"),
                                 std::string("redis://h/-1"),
                                 std::string("redis://h/1/2"),
                                 std::string("redis://h?db=1"),
                                 std::string("redis://h#f"),
                                 std::string("redis://a b"),
                                 std::string("redis://u:%zz@h"),
                                 std::string("redis://u:%2@h"),
                                 std::string("redis://h,i"),
                                 std::string("rediss://"),
                                 std::string("rediss://h/x"),
                                 std::string("unix:/run/redis.sock"),
                                 std::string("unix://"),
                                 std::string("unix:///"),
                                 std::string("unix://redis.sock"),
                                 std::string("unix://u:p@redis.sock"),
                                 std::string("unix:///s?db="),
                                 std::string("unix:///s?db=x"),
                                 std::string("unix:///s?db=-1"),
                                 std::string("unix:///s?database=1"),
                                 std::string("unix:///s?db=1&timeout=5"),
                                 std::string("unix:///s#1"),
                                 std::string("unix:///s%"),
                                 std::string("unix:///s%00"),
                                 std::string("unix://u:%zz@/s"),
                                 "unix:///" + std::string(107, 's'),
                                 std::string("redis-socket:///s"),
                                 std::string("/run/redis.sock"),
                                 long_port}) {
    EXPECT_FALSE(ParseRedisUrl(url).has_value()) << url;
  }
}

TEST(RedisUrlTest, WhatIsShownHasNoPassword) {
  const std::pair<std::string, std::string> rows[] = {
      {"redis://h:1/2", "redis://h:1/2"},
      {"redis://u:hunter2@h:1/2", "redis://***@h:1/2"},
      {"redis://:hunter2@h", "redis://***@h"},
      {"redis://u:hun@ter2@h", "redis://***@h"},
      {"u:hunter2@h", "***@h"},
      {"redis://h:1/0?password=hunter2", "redis://h:1/0?***"},
      {"redis://u:hunter2@h#hunter2", "redis://***@h#***"},
      {"unix:///s?db=1&password=hunter2", "unix:///s?***"},
      {"redis://default:hunter2", "redis://default:***"},  // the host was forgotten
      {"redis://:hunter2", "redis://:***"},
      {"default:hunter2", "default:***"},
      {"rediss://u:hunter2@h", "rediss://***@h"},
      {"unix://u:hunter2@/s?db=1", "unix://***@/s?db=1"},
      {"unix:///run/a@b.sock", "unix:///run/a@b.sock"},
      {"unix://u:hunter2", "unix://u:***"},
      {"", ""},
  };
  for (const auto& [url, shown] : rows) EXPECT_EQ(WithoutCredentials(url), shown) << url;
}

TEST(RedisUrlTest, NoErrorTellsTheCredentials) {
  for (const auto* url :
       {"redis://u:hunter2@", "redis://u:hunter2%@h", "redis://u:hunter2@h:x",
        "redis://u:hunter2@h/x", "rediss://u:hunter2@h/x", "redis://u:hunter2@h?x",
        "unix://u:hunter2@s", "unix://u:hunter2@/s?x", "unix://u:hunter2%@/s"}) {
    const auto parsed = ParseRedisUrl(url);
    ASSERT_FALSE(parsed.has_value()) << url;
    EXPECT_EQ(parsed.error().find("hunter2"), std::string::npos) << parsed.error();
  }
}

TEST(HostPortTest, AnEmptyHostAndAMissingPortAreTold) {
  EXPECT_EQ(ParseHostPort(":9760")->host, "");
  EXPECT_EQ(ParseHostPort(":9760")->port, 9760);
  EXPECT_EQ(ParseHostPort("h")->port, std::nullopt);
  EXPECT_EQ(ParseHostPort("[::]:0")->port, 0);
}

}  // namespace
}  // namespace streamgauge
