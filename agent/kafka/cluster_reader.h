// Asks which brokers and which topics there are. Used by the source's thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/admin_requests.h"

namespace streamgauge::kafka {

// The brokers that are up, by id. Asks the first of `known`, and the second if that one does not
// answer, so that a controller that has died is not waited for; when there are none, whom
// librdkafka finds.
Result<std::vector<std::int32_t>> ReadBrokers(AdminRequests& requests,
                                              const std::vector<std::int32_t>& known);

// The names of all topics that we may describe. One request, which librdkafka can only wait for: it
// is not interrupted by a stop, but takes two seconds at most.
Result<std::vector<std::string>> ReadTopicNames(AdminRequests& requests);

}  // namespace streamgauge::kafka
