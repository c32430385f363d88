// What polls of a Kafka need to be allowed to do, and how that is tried: the one table that
// docs/kafka.md and `streamgauge check` show. Used by the source's thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "kafka/admin_requests.h"
#include "kafka/observation.h"
#include "model/access.h"

namespace streamgauge::kafka {

struct Right {
  std::string_view operation;  // as kafka-acls.sh takes it
  std::string_view resource;   // "Topic" or "Group"
  std::string_view on;         // which of them
  std::string_view lost;       // what is missing without it
};

// In the order in which they are shown.
std::span<const Right> Rights();

struct RightsQuestion {
  const KafkaTargetConfig& config;
  std::span<const std::string> topics;   // that there are, as far as we are told
  std::span<const GroupListing> groups;  // likewise
};

// Tries all that `config` gives reason to ask. Where no topic or group is seen it is tried on a
// name that the pattern stands for: brokers look at rights before they look for it.
AccessReport TryRights(AdminRequests& requests, const RightsQuestion& question);

// The command that grants operations on what a pattern of the configuration stands for, or on more
// where Kafka has no such pattern. `resource`: "Topic" or "Group".
std::string GrantCommand(const KafkaTargetConfig& config, std::span<const std::string> operations,
                         std::string_view resource, std::string_view pattern);

}  // namespace streamgauge::kafka
