#include "redis_workload.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/redis_client.h"

namespace streamgauge::demo {
namespace {

using std::chrono::milliseconds;
using test::RedisClient;
using test::RedisCommand;
using test::RedisReply;

constexpr const char* kStream = "orders";

void AddEntries(RedisClient& client, int count) {
  for (int i = 0; i < count; ++i) {
    // The limit is far away: the demo is not about trimming.
    client.Command({"XADD", kStream, "MAXLEN", "~", "1000000", "*", "item", "book"});
  }
}

// Reads up to `count` entries after `from` (">": new ones) as the group's consumer `worker-1`.
RedisReply Read(RedisClient& client, const std::string& group, const std::string& from,
                const std::string& count) {
  return client.Command(
      {"XREADGROUP", "GROUP", group, "worker-1", "COUNT", count, "STREAMS", kStream, from});
}

void ReadAndAcknowledge(RedisClient& client, const std::string& group, const std::string& count) {
  const RedisReply reply = Read(client, group, ">", count);
  if (reply.IsNil()) return;
  RedisCommand acknowledge = {"XACK", kStream, group};
  for (const RedisReply& entry : reply[0][1].elements) acknowledge.push_back(entry[0].text);
  client.Command(acknowledge);
}

// A step with a connection of its own, as every activity is a thread.
template <typename Step>
std::function<void()> WithConnection(std::uint16_t port, Step step) {
  return [client = std::make_shared<RedisClient>(port), step = std::move(step)] { step(*client); };
}

}  // namespace

RedisWorkload::RedisWorkload(std::uint16_t port) {
  RedisClient setup(port);
  for (const char* group : {"healthy", "slow", "stalled", "no-consumers"}) {
    setup.Command({"XGROUP", "CREATE", kStream, group, "0", "MKSTREAM"});
  }
  // The stalled consumer has taken these and tries them over and over without finishing one.
  AddEntries(setup, 5);
  Read(setup, "stalled", ">", "5");
  activities_.Repeat("redis stalled", milliseconds(1000),
                     WithConnection(port, [](auto& client) { Read(client, "stalled", "0", "5"); }));
  activities_.Repeat("redis producer", milliseconds(100),
                     WithConnection(port, [](auto& client) { AddEntries(client, 2); }));
  activities_.Repeat("redis healthy", milliseconds(50), WithConnection(port, [](auto& client) {
                       ReadAndAcknowledge(client, "healthy", "100");
                     }));
  activities_.Repeat("redis slow", milliseconds(125), WithConnection(port, [](auto& client) {
                       ReadAndAcknowledge(client, "slow", "1");
                     }));
}

}  // namespace streamgauge::demo
