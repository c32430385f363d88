// What a network does to a Kafka target.
#include "faults/kafka_scene.h"
#include "faults/sanitized.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kHeal = [](KafkaScene& scene) { scene.proxy->Heal(); };

auto Spoil(Way way, WayFault how) {
  return [way, how](KafkaScene& scene) { scene.proxy->Set(way, how); };
}

}  // namespace

std::vector<KafkaFault> KafkaNetworkFaults() {
  return {
      {.facts = {.name = "network: slow, within the timeout",
                 .injected = "every packet is late by 15 ms, both ways",
                 .seen = "up; polls take longer",
                 .lasts = 1500ms},
       .begin =
           [](KafkaScene& scene) {
             scene.proxy->Set(Way::kRequests, {.delay = 15ms});
             scene.proxy->Set(Way::kReplies, {.delay = 15ms});
           },
       .end = kHeal},
      {.facts = {.name = "network: slower than the timeout",
                 .injected = "every reply is late by twice the timeout",
                 .seen = "down, `timeout`",
                 .reasons = GoneOrSilent()},
       .begin = Spoil(Way::kReplies, {.delay = 800ms * kSlowdown}),
       .end = kHeal},
      {.facts = {.name = "network: replies drip",
                 .injected = "400 B/s",
                 .seen = "down, `timeout`",
                 .reasons = GoneOrSilent()},
       .begin = Spoil(Way::kReplies, {.drip_bytes = 4, .drip_every = 10ms}),
       .end = kHeal},
      {.facts = {.name = "network: parted, then whole",
                 .injected = "nothing passes for a while, and then all of it",
                 .seen = "down, `timeout`",
                 .reasons = GoneOrSilent()},
       .begin =
           [](KafkaScene& scene) {
             scene.proxy->Set(Way::kRequests, {.holds = true});
             scene.proxy->Set(Way::kReplies, {.holds = true});
           },
       .end = kHeal},
      {.facts = {.name = "network: half-open, requests lost",
                 .injected = "connections stay open, what the agent sends is swallowed",
                 .seen = "down, `timeout`",
                 .reasons = GoneOrSilent()},
       .begin = Spoil(Way::kRequests, {.swallows = true}),
       .end = kHeal},
      {.facts = {.name = "network: half-open, replies lost",
                 .injected = "connections stay open, what the broker sends is swallowed",
                 .seen = "down, `timeout`",
                 .reasons = GoneOrSilent()},
       .begin = Spoil(Way::kReplies, {.swallows = true}),
       .end = kHeal},
      {.facts = {.name = "network: replies cut off",
                 .injected = "every connection is closed after 60 bytes of replies",
                 .seen = "down, `unavailable` or `timeout`",
                 .reasons = GoneOrSilent()},
       .begin = Spoil(Way::kReplies, {.cut_after = 60}),
       .end = kHeal},
      {.facts = {.name = "network: replies cut off by a reset",
                 .injected = "the same with RST",
                 .seen = "down, `unavailable` or `timeout`",
                 .reasons = GoneOrSilent()},
       .begin = Spoil(Way::kReplies, {.cut_after = 60, .cut_by_reset = true}),
       .end = kHeal},
      {.facts = {.name = "network: connections refused",
                 .injected = "RST to all, old and new",
                 .seen = "down, `unavailable`",
                 .reasons = GoneOrSilent()},
       .begin =
           [](KafkaScene& scene) {
             scene.proxy->Refuse();
             scene.proxy->ResetAll();
           },
       .end = kHeal},
  };
}

}  // namespace streamgauge::test
