// What a network does to a Redis target.
#include "faults/redis_scene.h"
#include "faults/sanitized.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kHeal = [](RedisScene& scene) { scene.proxy.Heal(); };

// One way spoilt, as long as it lasts.
auto Spoil(Way way, WayFault how) {
  return [way, how](RedisScene& scene) { scene.proxy.Set(way, how); };
}

}  // namespace

std::vector<RedisFault> RedisNetworkFaults() {
  return {
      {.facts = {.name = "network: slow, within the timeout",
                 .injected = "every packet is late by 15 ms, both ways",
                 .seen = "up; polls take longer"},
       .begin =
           [](RedisScene& scene) {
             scene.proxy.Set(Way::kRequests, {.delay = 15ms});
             scene.proxy.Set(Way::kReplies, {.delay = 15ms});
           },
       .end = kHeal},
      {.facts = {.name = "network: slower than the timeout",
                 .injected = "every reply is late by twice the timeout",
                 .seen = "down, `timeout`",
                 .reasons = {"timeout"}},
       .begin = Spoil(Way::kReplies, {.delay = 400ms * kSlowdown}),
       .end = kHeal},
      {.facts = {.name = "network: replies drip",
                 .injected = "2 kB/s",
                 .seen = "down, `timeout`",
                 .reasons = {"timeout"}},
       .begin = Spoil(Way::kReplies, {.drip_bytes = 20, .drip_every = 10ms}),
       .end = kHeal},
      {.facts = {.name = "network: parted, then whole",
                 .injected = "nothing passes for a while, and then all of it",
                 .seen = "down, `timeout`",
                 .reasons = {"timeout"}},
       .begin =
           [](RedisScene& scene) {
             scene.proxy.Set(Way::kRequests, {.holds = true});
             scene.proxy.Set(Way::kReplies, {.holds = true});
           },
       .end = kHeal},
      {.facts = {.name = "network: half-open, requests lost",
                 .injected = "connections stay open, what the agent sends is swallowed",
                 .seen = "down, `timeout`",
                 .reasons = {"timeout"}},
       .begin = Spoil(Way::kRequests, {.swallows = true}),
       .end = kHeal},
      {.facts = {.name = "network: half-open, replies lost",
                 .injected = "connections stay open, what the server sends is swallowed",
                 .seen = "down, `timeout`",
                 .reasons = {"timeout"}},
       .begin = Spoil(Way::kReplies, {.swallows = true}),
       .end = kHeal},
      {.facts = {.name = "network: connections reset once",
                 .injected = "RST to all that are open",
                 .seen = "nothing between two polls; in a poll: down for one, `unavailable`, and "
                         "the last figures stay",
                 .reasons = {"unavailable"},
                 .passes = true,
                 .may_go_unnoticed = true},
       .begin = [](RedisScene& scene) { scene.proxy.ResetAll(); },
       .end = kHeal},
      {.facts = {.name = "network: replies cut off",
                 .injected = "every connection is closed within its first reply of a poll",
                 .seen = "down, `unavailable`",
                 .reasons = {"unavailable"}},
       .begin = Spoil(Way::kReplies, {.cut_after = 1500}),
       .end = kHeal},
      {.facts = {.name = "network: replies cut off by a reset",
                 .injected = "the same with RST",
                 .seen = "down, `unavailable`",
                 .reasons = {"unavailable"}},
       .begin = Spoil(Way::kReplies, {.cut_after = 1500, .cut_by_reset = true}),
       .end = kHeal},
      {.facts = {.name = "network: connections refused",
                 .injected = "RST to all, old and new",
                 .seen = "down, `unavailable`",
                 .reasons = {"unavailable"}},
       .begin =
           [](RedisScene& scene) {
             scene.proxy.Refuse();
             scene.proxy.ResetAll();
           },
       .end = kHeal},
  };
}

}  // namespace streamgauge::test
