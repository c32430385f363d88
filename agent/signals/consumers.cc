#include "signals/consumers.h"

#include <algorithm>

namespace streamgauge {
namespace {

void Count(const ConsumerReading& consumer, double idle_seconds, double dead_after_seconds,
           ConsumerStates& states) {
  if (idle_seconds <= dead_after_seconds) {
    ++states.active;
  } else if (consumer.pending.value_or(0) > 0) {
    ++states.dead_with_pending;
  } else if (consumer.never_read) {
    ++states.never_read;
  } else {
    ++states.idle;
  }
}

}  // namespace

std::optional<ConsumerStates> CountConsumers(const GroupReading& group, Duration dead_after) {
  if (group.members) return ConsumerStates{.active = *group.members, .members_only = true};
  if (group.consumer_count == 0u) return ConsumerStates{};
  if (!group.consumers_listed) return std::nullopt;
  ConsumerStates states;
  for (const ConsumerReading& consumer : group.consumers) {
    if (!consumer.idle_seconds) return std::nullopt;
    Count(consumer, *consumer.idle_seconds, ToSeconds(dead_after), states);
  }
  return states;
}

bool KnowsAttempts(const GroupReading& group) {
  return group.consumers.empty() ||
         std::any_of(group.consumers.begin(), group.consumers.end(), [](const auto& consumer) {
           return consumer.never_read || consumer.inactive_seconds;
         });
}

std::optional<double> QuietSeconds(const GroupReading& group) {
  if (!group.consumers_listed) return std::nullopt;
  std::optional<double> least;
  for (const ConsumerReading& consumer : group.consumers) {
    if (!consumer.idle_seconds) return std::nullopt;
    least = std::min(least.value_or(*consumer.idle_seconds), *consumer.idle_seconds);
  }
  return least;
}

const ConsumerReading* LargestHolder(const GroupReading& group) {
  if (!group.consumers_listed || group.consumers.empty()) return nullptr;
  const auto most = std::max_element(group.consumers.begin(), group.consumers.end(),
                                     [](const ConsumerReading& a, const ConsumerReading& b) {
                                       return a.pending.value_or(0) < b.pending.value_or(0);
                                     });
  return most->pending.value_or(0) > 0 ? &*most : nullptr;
}

}  // namespace streamgauge
