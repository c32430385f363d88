// Producers and consumers of one stream and one group, on either backbone.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace streamgauge::test {

struct TrafficNames {
  std::string stream;
  std::string group;
};

// Faster than any producer here.
inline constexpr int kFast = 100'000;

// Everything goes on in threads until it is replaced or the traffic is destroyed. The methods are
// for one thread. They throw std::runtime_error when the server refuses something.
class Traffic {
 public:
  virtual ~Traffic() = default;

  // The rates are messages a second and replace what was before; a rate of 0 ends it.
  virtual void Produce(int per_second) = 0;
  virtual void Consume(int per_second) = 0;
  // A second consumer for as long as it is wanted.
  virtual void ConsumeInPairs(bool wanted) = 0;
  virtual void Burst(int messages) = 0;
  // From now on one message fails again and again; the consumer does with the others what a
  // consumer of this backbone can. Consume() ends it.
  virtual void Poison() = 0;
  // From now on the consumer fails with everything that it has taken. Consume() ends it.
  virtual void Stick() = 0;
  // Removes all messages but the newest 10, read or not.
  virtual void RemoveMessages() = 0;
  // What has broken by itself.
  virtual std::optional<std::string> failure() const = 0;
};

}  // namespace streamgauge::test
