// Compares what a source says with what a RandomWorld knows to be true. Figures that are absent are
// no lie; how many are there is counted, so that silence does not pass for truth.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "integration/redis_random_world.h"
#include "model/reading.h"

namespace streamgauge::test {

class RedisTruth {
 public:
  explicit RedisTruth(RandomWorld& world) : world_(world) {}

  // REQUIRES: nothing has happened in the world since before the poll. `at` goes into messages.
  void Check(const Reading& reading, const std::string& at) {
    std::map<std::string, int> seen;
    for (const StreamReading& stream : reading.streams) {
      const std::string key(stream.name->text());
      EXPECT_EQ(++seen[key], 1) << at << ": " << key << " is there twice";
      const StreamTruth& truth = world_.truth(key);
      EXPECT_EQ(stream.length, truth.entries.size()) << at << ": " << key;
      CheckRise(stream.appended_total, truth.appended, at, key + " appended");
      CheckRise(stream.removed_total, truth.removed, at, key + " removed");
    }
    for (const GroupReading& group : reading.groups) {
      CheckGroup(group, std::string(reading.streams[group.stream].name->text()), at);
    }
    streams_seen = reading.streams.size();
  }

  // Of the last reading:
  std::size_t streams_seen = 0;
  // Since the beginning:
  std::uint64_t lags = 0;
  std::uint64_t lags_unknown = 0;
  std::uint64_t rises = 0;
  std::uint64_t deliveries = 0;        // rises of delivered_total
  std::uint64_t deliveries_wrong = 0;  // docs/redis.md tells of the rare case
  std::uint64_t lost_found = 0;        // in the last readings of all groups

 private:
  struct Sum {
    std::optional<std::uint64_t> found;
    std::uint64_t truth = 0;
  };

  void CheckGroup(const GroupReading& group, const std::string& key, const std::string& at) {
    const std::string item = key + " " + std::string(group.name->text());
    const StreamTruth& stream = world_.truth(key);
    const auto found = stream.groups.find(std::string(group.name->text()));
    ASSERT_NE(found, stream.groups.end()) << at << ": " << item << " does not exist";
    const GroupTruth& truth = found->second;
    ++(group.lag ? lags : lags_unknown);
    EXPECT_EQ(group.lag.value_or(stream.LagOf(truth)), stream.LagOf(truth)) << at << ": " << item;
    EXPECT_EQ(group.pending, truth.pending) << at << ": " << item;
    EXPECT_EQ(group.position, Position(truth.delivered.ms, truth.delivered.seq))
        << at << ": " << item;
    EXPECT_FALSE(group.rewound) << at << ": " << item;
    EXPECT_LE(group.lost_total.value_or(0), truth.lost) << at << ": " << item;
    EXPECT_LE(group.delivered_total.value_or(0), truth.deliveries + truth.lost)
        << at << ": " << item;
    EXPECT_LE(group.acknowledged_total.value_or(0), truth.acknowledged + truth.lost)
        << at << ": " << item;
    lost_found += group.lost_total.value_or(0);
    const Sum before = std::exchange(sums_[item], Sum{group.delivered_total, truth.deliveries});
    if (!before.found || !group.delivered_total) return;
    ++deliveries;
    deliveries_wrong += *group.delivered_total - *before.found != truth.deliveries - before.truth;
  }

  // Between two neighbouring readings that both have a total, it has risen by what happened.
  void CheckRise(std::optional<std::uint64_t> total, std::uint64_t truth, const std::string& at,
                 const std::string& item) {
    const Sum before = std::exchange(sums_[item], Sum{total, truth});
    if (!before.found || !total) return;
    ++rises;
    EXPECT_EQ(*total - *before.found, truth - before.truth) << at << ": " << item;
  }

  RandomWorld& world_;
  std::map<std::string, Sum> sums_;
};

}  // namespace streamgauge::test
