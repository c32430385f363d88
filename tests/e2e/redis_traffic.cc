#include "e2e/redis_traffic.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace streamgauge::test {
namespace {

constexpr const char* kUnread = ">";
constexpr const char* kOwnPending = "0";
constexpr const char* kPoisoned = "worker-poisoned";

}  // namespace

RedisTraffic::RedisTraffic(std::uint16_t port, TrafficNames names, std::optional<int> max_length)
    : port_(port), names_(std::move(names)), max_length_(max_length), client_(port) {
  client_.Command({"XGROUP", "CREATE", names_.stream, names_.group, "0", "MKSTREAM"});
}

void RedisTraffic::Repeat(std::optional<Activities>& activity, int milliseconds, Step step) {
  activity.emplace();
  activity->Repeat(
      "redis " + names_.stream, std::chrono::milliseconds(milliseconds),
      [client = std::make_shared<RedisClient>(port_), step = std::move(step)] { step(*client); });
}

RedisCommand RedisTraffic::Append() const {
  RedisCommand command = {"XADD", names_.stream};
  if (max_length_) command.insert(command.end(), {"MAXLEN", std::to_string(*max_length_)});
  command.insert(command.end(), {"*", "item", "book"});
  return command;
}

void RedisTraffic::Produce(int per_second) {
  producer_.reset();
  if (per_second == 0) return;
  const std::vector<RedisCommand> batch(static_cast<std::size_t>(per_second / 10), Append());
  Repeat(producer_, 100, [batch](RedisClient& client) { client.Pipeline(batch); });
}

void RedisTraffic::Burst(int messages) {
  client_.Pipeline(std::vector<RedisCommand>(static_cast<std::size_t>(messages), Append()));
}

RedisReply RedisTraffic::Read(RedisClient& client, const std::string& consumer,
                              const std::string& from, int count) const {
  return client.Command({"XREADGROUP", "GROUP", names_.group, consumer, "COUNT",
                         std::to_string(count), "STREAMS", names_.stream, from});
}

bool RedisTraffic::Finish(RedisClient& client, const std::string& consumer, const std::string& from,
                          int count) const {
  const RedisReply reply = Read(client, consumer, from, count);
  if (reply.IsNil() || reply[0][1].elements.empty()) return false;
  RedisCommand acknowledge = {"XACK", names_.stream, names_.group};
  for (const RedisReply& entry : reply[0][1].elements) acknowledge.push_back(entry[0].text);
  client.Command(acknowledge);
  return true;
}

void RedisTraffic::RunConsumer(std::optional<Activities>& activity, const std::string& name,
                               int per_second) {
  activity.reset();
  if (per_second == 0) return;
  // What it had taken before it ended comes first, as consumers do.
  while (Finish(client_, name, kOwnPending, 100)) {
  }
  const int count = per_second == kFast ? 200 : 1;
  Repeat(activity, per_second == kFast ? 50 : 1000 / per_second,
         [this, name, count](RedisClient& client) { Finish(client, name, kUnread, count); });
}

void RedisTraffic::Consume(int per_second) {
  if (failing_) {
    failing_.reset();
    while (Finish(client_, kPoisoned, kOwnPending, 100)) {
    }
  }
  RunConsumer(consumer_, "worker-1", per_second);
}

void RedisTraffic::ConsumeInPairs(bool wanted) {
  RunConsumer(second_, "worker-2", wanted ? kFast : 0);
}

void RedisTraffic::Poison() {
  Repeat(failing_, 500, [this, taken = false](RedisClient& client) mutable {
    const RedisReply reply = Read(client, kPoisoned, taken ? kOwnPending : kUnread, 1);
    taken = taken || !reply.IsNil();
  });
}

void RedisTraffic::Stick() {
  Consume(0);
  Burst(5);
  Read(client_, "worker-1", kUnread, 5);
  Repeat(consumer_, 500, [this](RedisClient& client) { Read(client, "worker-1", kOwnPending, 5); });
}

void RedisTraffic::RemoveMessages() { client_.Command({"XTRIM", names_.stream, "MAXLEN", "10"}); }

std::optional<std::string> RedisTraffic::failure() const {
  for (const auto* activity : {&producer_, &consumer_, &second_, &failing_}) {
    if (!*activity) continue;
    if (auto failure = (*activity)->failure()) return failure;
  }
  return std::nullopt;
}

}  // namespace streamgauge::test
