// What the source says about real servers under random commands is the truth, or it says nothing.
// Two sources look at the same server: one may count entries, the other has only its rules.
//
// STREAMGAUGE_SEED=n repeats the run whose fresh seed was n.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "integration/redis_random_world.h"
#include "log/log.h"
#include "redis/redis_source.h"
#include "support/redis_server.h"
#include "support/require.h"

namespace streamgauge::test {
namespace {

constexpr int kStreams = 24;
constexpr int kRoundsPerSeed = 150;
constexpr std::uint64_t kLeastObservations = 20'000;

std::uint32_t FreshSeed() {
  const char* fixed = std::getenv("STREAMGAUGE_SEED");
  if (fixed != nullptr) return static_cast<std::uint32_t>(std::strtoul(fixed, nullptr, 10));
  return std::random_device()();
}

struct Tally {
  std::uint64_t observations = 0;
  std::array<std::uint64_t, 4> by_source{};
  std::uint64_t wrong = 0;
  std::uint64_t trimmed_known = 0;
  std::uint64_t delivered_known = 0;
  std::uint64_t rises_known = 0;
  std::uint64_t deliveries_known = 0;  // rises of delivered_total
  std::uint64_t deliveries_wrong = 0;
  std::uint64_t lost_true = 0;  // at the end
  std::uint64_t lost_found = 0;
  std::uint64_t delivered_true = 0;
  std::uint64_t delivered_found = 0;
};

class RedisLagDifferential : public testing::TestWithParam<RedisKind> {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(RedisServer::Available(GetParam()), "a server: run tools/setup.sh test");
    std::signal(SIGPIPE, SIG_IGN);  // as the agent does
    log::Init({.level = LogLevel::kError, .format = LogFormat::kText});
  }

  static std::unique_ptr<Source> MakeSource(const RedisServer& server, std::uint64_t count_limit) {
    RedisTargetConfig config;
    config.addresses = {{"127.0.0.1", server.port(), 0}};
    config.streams.include.clear();
    for (int i = 0; i < kStreams; ++i) {
      config.streams.include.push_back("stream-" + std::to_string(i));
    }
    config.count_limit = count_limit;
    return MakeRedisSource("differential", config, {.timeout = std::chrono::seconds(10)});
  }

  // Counts and reports what is not as it should be.
  void Expect(bool right, const std::string& what) {
    if (right) return;
    ++tally_.wrong;
    if (tally_.wrong <= 10) ADD_FAILURE() << what;
  }

  // What one source said of a stream or group in its last poll, and what was true then.
  struct Sum {
    std::optional<std::uint64_t> found;
    std::uint64_t truth = 0;
  };

  // Between two neighbouring readings that both have a total, it has risen by what happened.
  void CheckRise(const std::string& at, std::optional<std::uint64_t> total, std::uint64_t truth,
                 const std::string& item) {
    const Sum before = std::exchange(sums_[item], Sum{total, truth});
    if (!before.found || !total) return;
    ++tally_.rises_known;
    Expect(*total >= *before.found && *total - *before.found == truth - before.truth,
           fmt::format("{}: {} rose from {} to {}, but {} is true", at, item, *before.found, *total,
                       truth - before.truth));
  }

  void TallyDeliveries(std::optional<std::uint64_t> total, std::uint64_t truth,
                       const std::string& item) {
    const Sum before = std::exchange(sums_[item], Sum{total, truth});
    if (!before.found || !total || truth < before.truth) return;
    ++tally_.deliveries_known;
    tally_.deliveries_wrong += *total - *before.found != truth - before.truth;
  }

  void CheckStream(const StreamReading& reading, const StreamTruth& truth, const std::string& at,
                   const std::string& item) {
    CheckRise(at, reading.appended_total, truth.appended, item + " appended");
    CheckRise(at, reading.removed_total, truth.removed, item + " removed");
    CheckRise(at, reading.trimmed_total, truth.trimmed, item + " trimmed");
    Expect(reading.length == truth.entries.size(), at + ": length");
    Expect(reading.appended_total.value_or(0) <= truth.appended, at + ": appended_total");
    Expect(reading.removed_total.value_or(0) <= truth.removed, at + ": removed_total");
    Expect(reading.trimmed_total.value_or(0) <= truth.trimmed, at + ": trimmed_total");
  }

  void CheckGroup(const GroupReading& reading, const StreamTruth& stream, const GroupTruth& truth,
                  const std::string& at) {
    ++tally_.observations;
    ++tally_.by_source[static_cast<std::size_t>(reading.lag_source)];
    const std::uint64_t lag = stream.LagOf(truth);
    Expect(reading.lag.has_value() == (reading.lag_source != LagSource::kUnknown),
           at + ": lag without a source");
    Expect(!reading.lag || *reading.lag == lag,
           fmt::format("{}: lag {} by {}, but {} are unread", at, reading.lag.value_or(0),
                       ToString(reading.lag_source), lag));
    Expect(!reading.headroom_messages || *reading.headroom_messages == stream.entries.size() - lag,
           at + ": headroom_messages");
    Expect(reading.pending == truth.pending, at + ": pending");
    Expect(reading.position == Position(truth.delivered.ms, truth.delivered.seq),
           at + ": position");
    Expect(reading.lost_total.value_or(0) <= truth.lost,
           fmt::format("{}: lost {}, but only {} were", at, reading.lost_total.value_or(0),
                       truth.lost));
    // Where unread entries are removed and the server estimates its count anew, deliveries cannot
    // be told from losses.
    Expect(reading.delivered_total.value_or(0) <= truth.deliveries + truth.lost,
           fmt::format("{}: delivered {}, but only {} were", at,
                       reading.delivered_total.value_or(0), truth.deliveries));
    Expect(reading.acknowledged_total.value_or(0) <= truth.acknowledged + truth.lost,
           fmt::format("{}: acknowledged {}, but only {} were", at,
                       reading.acknowledged_total.value_or(0), truth.acknowledged));
    tally_.delivered_known += reading.delivered_total.has_value();
  }

  void CheckAges(const GroupReading& reading, const StreamTruth& stream, const GroupTruth& truth,
                 WallTime now, const std::string& at) {
    if (!reading.lag_seconds) return;
    const auto oldest = stream.entries.upper_bound(truth.delivered);
    const double since =
        oldest == stream.entries.end()
            ? 0
            : ToSeconds(now - FromUnixMillis(static_cast<std::int64_t>(oldest->ms)));
    // Made-up ids on top of a copy of a stream with real ones may be of the future.
    const double age = std::max(0.0, since);
    Expect(std::abs(*reading.lag_seconds - age) < 0.001,
           fmt::format("{}: lag_seconds {}, but {} is true", at, *reading.lag_seconds, age));
  }

  void CheckPendingTrimmed(const GroupReading& reading, RandomWorld& world, const std::string& key,
                           const std::string& at) {
    if (!reading.pending_trimmed) return;
    ++tally_.trimmed_known;
    const auto truth = world.PendingWithoutMessage(key, std::string(reading.name->text()));
    Expect(*reading.pending_trimmed == truth,
           fmt::format("{}: {} pending trimmed, but {} are", at, *reading.pending_trimmed, truth));
  }

  void Check(const Reading& reading, RandomWorld& world, const std::string& source,
             const std::string& when, bool last) {
    std::size_t groups = 0;
    for (const StreamReading& stream : reading.streams) {
      const std::string key(stream.name->text());
      CheckStream(stream, world.truth(key), when, source + " " + key);
    }
    for (const GroupReading& group : reading.groups) {
      const std::string key(reading.streams[group.stream].name->text());
      const StreamTruth& stream = world.truth(key);
      const std::string at = fmt::format("{} {} {}", when, key, group.name->text());
      const auto truth = stream.groups.find(std::string(group.name->text()));
      if (truth == stream.groups.end()) {
        Expect(false, at + ": does not exist");
        continue;
      }
      ++groups;
      CheckGroup(group, stream, truth->second, at);
      TallyDeliveries(group.delivered_total, truth->second.deliveries,
                      fmt::format("{} {} {}", source, key, group.name->text()));
      CheckAges(group, stream, truth->second, reading.time, at);
      CheckPendingTrimmed(group, world, key, at);
      if (last) AddSums(group, truth->second);
    }
    std::size_t existing = 0;
    for (const std::string& key : world.keys()) existing += world.truth(key).groups.size();
    Expect(groups == existing, when + ": groups are missing");
  }

  void AddSums(const GroupReading& reading, const GroupTruth& truth) {
    tally_.lost_true += truth.lost;
    tally_.lost_found += reading.lost_total.value_or(0);
    if (!reading.delivered_total) return;
    tally_.delivered_true += truth.deliveries;
    tally_.delivered_found += *reading.delivered_total;
  }

  // Mostly none: one SETID anywhere makes every group's calibration void.
  static RandomWorld::Interference InterferenceIn(int round) {
    if (round < 3) return RandomWorld::Interference::kAll;
    if (round % 4 != 0) return RandomWorld::Interference::kNone;
    return static_cast<RandomWorld::Interference>(1 + round / 4 % 4);
  }

  void RunSeed(std::uint32_t seed) {
    // Small nodes: approximate trimming removes whole nodes.
    RedisServer server({.kind = GetParam(), .arguments = {"--stream-node-max-entries", "3"}});
    RedisClient client = server.Connect();
    RandomWorld world(client, seed, kStreams);
    sums_.clear();
    const std::map<std::string, std::unique_ptr<Source>> sources = [&] {
      std::map<std::string, std::unique_ptr<Source>> made;
      made.emplace("rules only", MakeSource(server, 0));
      made.emplace("counting", MakeSource(server, 1000));
      return made;
    }();
    for (int round = 0; round < kRoundsPerSeed; ++round) {
      world.Advance(InterferenceIn(round));
      for (const auto& [name, source] : sources) {
        const auto reading = source->Poll({});
        ASSERT_TRUE(reading) << reading.error().message;
        Check(*reading, world, name, fmt::format("seed {} round {} {}", seed, round, name),
              round + 1 == kRoundsPerSeed);
      }
    }
    const Telemetry& counting = sources.at("counting")->telemetry();
    Expect(counting.verifications_differed == 0,
           fmt::format("seed {}: {} calibrated lags differed from their count", seed,
                       counting.verifications_differed));
    verified_ += counting.verifications_agreed;
  }

  Tally tally_;
  std::map<std::string, Sum> sums_;
  std::uint64_t verified_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Kinds, RedisLagDifferential,
                         testing::Values(RedisKind::kRedis, RedisKind::kValkey),
                         [](const auto& test) {
                           return test.param == RedisKind::kRedis ? "Redis" : "Valkey";
                         });

TEST_P(RedisLagDifferential, EveryFigureIsTrueOrAbsent) {
  const std::uint32_t fresh = FreshSeed();
  fmt::print("fresh seed: STREAMGAUGE_SEED={}\n", fresh);
  for (const std::uint32_t seed : {1u, 2u, fresh}) RunSeed(seed);
  const auto share = [this](LagSource source) {
    return 100.0 * static_cast<double>(tally_.by_source[static_cast<std::size_t>(source)]) /
           static_cast<double>(tally_.observations);
  };
  fmt::print(
      "{} observations, {} wrong; lag exact {:.1f} %, calibrated {:.1f} %, counted {:.1f} %, "
      "unknown {:.1f} %\n",
      tally_.observations, tally_.wrong, share(LagSource::kExact), share(LagSource::kCalibrated),
      share(LagSource::kCounted), share(LagSource::kUnknown));
  fmt::print(
      "{} calibrated lags verified; lost {} of {} found, delivered {} of {}; pending_trimmed known "
      "{} times, delivered_total {} times; of its {} rises, {} differ from the truth\n",
      verified_, tally_.lost_found, tally_.lost_true, tally_.delivered_found, tally_.delivered_true,
      tally_.trimmed_known, tally_.delivered_known, tally_.deliveries_known,
      tally_.deliveries_wrong);
  EXPECT_EQ(tally_.wrong, 0u);
  EXPECT_GE(tally_.observations, kLeastObservations);
  // Silence would be no lie either: the rules must say something.
  EXPECT_GT(tally_.by_source[static_cast<std::size_t>(LagSource::kCalibrated)],
            tally_.observations / 100);
  EXPECT_GT(tally_.by_source[static_cast<std::size_t>(LagSource::kCounted)],
            tally_.observations / 100);
  EXPECT_GT(tally_.lost_found, 0u);
  EXPECT_GT(tally_.rises_known, tally_.observations);
  // Both counts may agree falsely (docs/redis.md): seldom, or the rule has broken.
  EXPECT_LT(tally_.deliveries_wrong * 200, tally_.deliveries_known);
}

}  // namespace
}  // namespace streamgauge::test
