// Streams, groups, consumers and topics that come and go, and what is true of them while nothing
// moves.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "integration/redis_random_world.h"
#include "support/kafka_client.h"
#include "support/metrics_page.h"
#include "support/redis_client.h"

namespace streamgauge::test {

// What was compared, and what was not as it should be.
struct Comparisons {
  std::uint64_t figures = 0;
  std::vector<std::string> wrong;  // the first few

  void Expect(bool right, const std::string& what);
};

// Random commands on the streams of a Redis or Valkey, with everything that moves groups and keys.
class RedisChurn {
 public:
  RedisChurn(std::uint16_t port, std::string target, std::uint32_t seed);

  void Advance();
  // Every figure of the page about these streams, against the truth.
  void Compare(const MetricsPage& page, Comparisons& result);
  // The server is empty again.
  void BeginAnew();

 private:
  void KeepLosses();

  const std::uint16_t port_;
  const std::string target_;
  std::uint32_t seed_;
  int round_ = 0;
  RedisClient client_;
  std::unique_ptr<RandomWorld> world_;
  // What the worlds before this one lost, by stream and group: the agent's sums never fall.
  std::map<std::pair<std::string, std::string>, std::uint64_t> lost_before_;
};

// A topic with a group each time, and those before deleted.
class KafkaChurn {
 public:
  KafkaChurn(std::string bootstrap, std::string target);

  void Advance();
  void Compare(const MetricsPage& page, Comparisons& result);

 private:
  struct Topic {
    std::string name;
    std::string group;
    std::int64_t end = 0;
    std::int64_t committed = 0;
  };

  const std::string bootstrap_;
  const std::string target_;
  KafkaClient client_;
  int made_ = 0;
  std::deque<Topic> topics_;
};

}  // namespace streamgauge::test
