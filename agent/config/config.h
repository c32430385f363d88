// The agent's configuration as plain data: validated, with defaults filled in and ${VAR} replaced.
// config/loader.h makes it from a file; docs and examples: docs/configuration.md and
// docs/streamgauge.reference.yml.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "config/name_filter.h"
#include "config/secret.h"
#include "config/shard.h"
#include "model/time.h"

namespace streamgauge {

struct HttpConfig {
  std::string host = "0.0.0.0";
  std::uint16_t port = 9760;  // 0: the kernel chooses; the log says which
  bool enable_reload = false;
  std::filesystem::path web_config_file;  // config/web_config.h; empty: plain HTTP for everyone
  bool operator==(const HttpConfig&) const = default;
};

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };
enum class LogFormat : std::uint8_t { kText, kJson };
struct LogConfig {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
  bool operator==(const LogConfig&) const = default;
};

// Where a Redis node is, and whether it is spoken to by TLS: redis://host:port/db,
// rediss://host:port/db or unix:///path?db=N.
struct RedisAddress {
  std::string host;
  std::uint16_t port = 6379;
  std::uint32_t database = 0;
  bool tls = false;
  std::string socket;  // the path of a Unix socket; if given, host and port mean nothing
  bool operator==(const RedisAddress&) const = default;
};

// Whom we trust and who we are in TLS to a server. The files are PEM and read at every connect, so
// that a renewed certificate needs no restart.
struct TlsClientConfig {
  std::filesystem::path ca_file;    // empty: the system's authorities
  std::filesystem::path cert_file;  // our certificate with its chain; empty: we show none
  std::filesystem::path key_file;   // given when cert_file is
  std::string server_name;          // that the server's certificate must bear; empty: the host
  bool insecure_skip_verify = false;
  bool operator==(const TlsClientConfig&) const = default;
};

enum class RedisMode : std::uint8_t { kStandalone, kSentinel, kCluster };

// How the primary is asked for, with mode sentinel.
struct SentinelConfig {
  std::string master;    // what the sentinels call it
  std::string username;  // of the sentinels; empty: their default user
  Secret password;       // of the sentinels; may be empty: no AUTH
  TlsClientConfig tls;   // of sentinels whose address has tls: the target's, or one of their own
  bool primary_tls = false;  // the primary that they name is spoken to by TLS
  bool operator==(const SentinelConfig&) const = default;
};

struct RedisTargetConfig {
  RedisMode mode = RedisMode::kStandalone;
  // Standalone: exactly one. Sentinel: the sentinels, with the database of the primary. Cluster:
  // nodes to start from; the others are found.
  std::vector<RedisAddress> addresses;
  SentinelConfig sentinel;
  std::string username;  // empty: the default user
  Secret password;       // may be empty: no AUTH
  TlsClientConfig tls;   // of every node whose address has tls
  NameFilter streams;    // literal names need no SCAN
  NameFilter groups;
  Duration discovery_interval = std::chrono::seconds(60);
  std::uint32_t max_consumers_per_group = 100;
  std::uint64_t count_limit = 10'000;
  std::uint32_t max_streams = 10'000;
  std::uint32_t max_groups = 10'000;
  bool stream_bytes = false;
  Shard shard;  // which of the streams are watched: those that it owns
  bool operator==(const RedisTargetConfig&) const = default;
};

enum class KafkaDetail : std::uint8_t { kPartition, kGroup };
// Where committed offsets come from: the offsets topic is followed (feed), every group is asked for
// (admin), or the former where the topic may be read and else the latter (auto).
enum class KafkaOffsets : std::uint8_t { kAuto, kFeed, kAdmin };
struct KafkaTargetConfig {
  std::vector<std::string> brokers;               // host:port
  std::map<std::string, std::string> properties;  // librdkafka's, secrets by ${VAR} included
  // By property, e.g. sasl.password: its value stands in the file that sasl.password_file names.
  std::map<std::string, Secret> secret_files;
  NameFilter streams{.exclude = {"__*"}};  // topics; Kafka's own are left out
  NameFilter groups;
  KafkaOffsets offsets = KafkaOffsets::kAuto;
  KafkaDetail detail = KafkaDetail::kPartition;
  std::uint32_t max_streams = 10'000;
  std::uint32_t max_groups = 10'000;
  Shard shard;  // which of the groups are watched, and of which topics the own series are exported
  bool operator==(const KafkaTargetConfig&) const = default;
};

struct TargetConfig {
  std::string name;  // the label `target`
  Duration poll_interval = std::chrono::seconds(10);
  Duration timeout = std::chrono::seconds(5);  // of each network call; below poll_interval
  std::uint64_t max_series = 1'000'000;
  std::variant<RedisTargetConfig, KafkaTargetConfig> backbone;
  bool operator==(const TargetConfig&) const = default;

  // The label `system`: "redis" or "kafka".
  std::string_view system() const { return backbone.index() == 0 ? "redis" : "kafka"; }
};

// How old an unread message of the groups that match may get. The first match wins.
struct Objective {
  std::string target = "*";  // globs
  std::string stream = "*";
  std::string group = "*";
  double lag_seconds = 0;
  bool operator==(const Objective&) const = default;
};

struct SignalsConfig {
  Duration window = std::chrono::minutes(5);
  Duration pending_window = std::chrono::minutes(30);
  Duration dead_after = std::chrono::minutes(10);
  Duration loss_horizon = std::chrono::minutes(30);
  bool operator==(const SignalsConfig&) const = default;
};

struct Config {
  HttpConfig http;
  LogConfig log;
  Duration stale_after = std::chrono::seconds(30);
  std::vector<TargetConfig> targets;
  std::vector<Objective> objectives;
  SignalsConfig signals;
  Shard shard;  // that of every target
  bool operator==(const Config&) const = default;
};

}  // namespace streamgauge
