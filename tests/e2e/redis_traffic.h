// Traffic on a Redis stream. See traffic.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "e2e/traffic.h"
#include "support/activities.h"
#include "support/redis_client.h"

namespace streamgauge::test {

class RedisTraffic : public Traffic {
 public:
  // Makes the stream and the group. `max_length`: the producer trims to it.
  RedisTraffic(std::uint16_t port, TrafficNames names, std::optional<int> max_length);

  void Produce(int per_second) override;
  void Consume(int per_second) override;
  void ConsumeInPairs(bool wanted) override;
  void Burst(int messages) override;
  void Poison() override;
  void Stick() override;
  void RemoveMessages() override;
  std::optional<std::string> failure() const override;

 private:
  using Step = std::function<void(RedisClient&)>;

  RedisCommand Append() const;
  RedisReply Read(RedisClient& client, const std::string& consumer, const std::string& from,
                  int count) const;
  // Whether anything was finished.
  bool Finish(RedisClient& client, const std::string& consumer, const std::string& from,
              int count) const;
  void RunConsumer(std::optional<Activities>& activity, const std::string& name, int per_second);
  void Repeat(std::optional<Activities>& activity, int milliseconds, Step step);

  std::uint16_t port_;
  TrafficNames names_;
  std::optional<int> max_length_;
  RedisClient client_;
  std::optional<Activities> producer_, consumer_, second_, failing_;
};

}  // namespace streamgauge::test
