#include "sources.h"

#include <variant>

#include "kafka/kafka_source.h"
#include "redis/redis_source.h"

namespace streamgauge {
namespace {

struct Maker {
  const TargetConfig& target;
  Duration stale_after;

  std::unique_ptr<Source> operator()(const RedisTargetConfig& redis) const {
    // The rest is for the last answers, and for making the page.
    return MakeRedisSource(
        target.name, redis,
        {.timeout = target.timeout, .poll_budget = target.poll_interval * 3 / 4});
  }
  std::unique_ptr<Source> operator()(const KafkaTargetConfig& kafka) const {
    return MakeKafkaSource(target.name, kafka, target.timeout, stale_after);
  }
};

}  // namespace

std::unique_ptr<Source> MakeSource(const TargetConfig& target, Duration stale_after) {
  return std::visit(Maker{target, stale_after}, target.backbone);
}

}  // namespace streamgauge
