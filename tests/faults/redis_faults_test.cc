// Everything that can go wrong with a Redis target and with the agent beside it, on real servers:
// each fault in a scene of its own, several side by side, once; the tests look at the outcomes.
//
// STREAMGAUGE_FAULT=TEXT tries only those with TEXT in their names.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "faults/redis_scene.h"
#include "faults/sanitized.h"
#include "faults/trials.h"
#include "support/require.h"

namespace streamgauge::test {
namespace {

// With a sanitizer they wait for longer.
constexpr std::size_t kSideBySide = kSanitized ? 10 : 6;

const std::vector<RedisFault>& Faults() {
  static const std::vector<RedisFault> kFaults = [] {
    std::vector<RedisFault> all;
    for (auto part : {RedisNetworkFaults(), RedisServerFaults(), RedisFailovers(),
                      RedisNameFaults(), RedisTlsFaults(), RedisContentFaults(), AgentFaults()})
      std::ranges::move(part, std::back_inserter(all));
    return Chosen(std::move(all));
  }();
  return kFaults;
}

const std::vector<Outcome>& Outcomes() {
  static const std::vector<Outcome> kOutcomes = [] {
    auto outcomes = TryAll(Faults(), kSideBySide);
    Report("redis", outcomes);
    return outcomes;
  }();
  return kOutcomes;
}

class RedisFaults : public ::testing::TestWithParam<std::size_t> {};

TEST_P(RedisFaults, AreSurvivedAndNothingFalseIsSaid) {
  STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis) && AgentProcess::Available(),
                      "redis-server, or the binary: run tools/setup.sh test");
  for (const std::string& problem : Outcomes()[GetParam()].problems) ADD_FAILURE() << problem;
}

INSTANTIATE_TEST_SUITE_P(All, RedisFaults, testing::Range(std::size_t{0}, Faults().size()),
                         [](const auto& fault) { return TestName(Faults()[fault.param].facts); });

}  // namespace
}  // namespace streamgauge::test
