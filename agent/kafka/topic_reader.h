// Asks for the topics' identity and shape, and for their settings. Used by the source's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kafka/admin_requests.h"
#include "kafka/observation.h"

namespace streamgauge::kafka {

// Calls `take` once for every name: kNotFound when there is no such topic. librdkafka learns the
// partitions' leaders by the way, where it sends ListOffsets. `broker` answers for all.
void DescribeTopics(AdminRequests& requests, const std::vector<std::string>& names,
                    std::optional<std::int32_t> broker,
                    const std::function<void(const std::string&, Result<TopicDescription>)>& take);

// Whether the topic's records may be read. Absent: the brokers do not tell, or there is no such
// topic.
Result<std::optional<bool>> MayRead(AdminRequests& requests, const std::string& topic);

// Calls `take` once for every name. `broker` answers for all.
void ReadTopicSettings(AdminRequests& requests, const std::vector<std::string>& names,
                       std::optional<std::int32_t> broker,
                       const std::function<void(const std::string&, Result<TopicSettings>)>& take);

// cleanup.policy is a list: "delete", "compact" or "compact,delete".
void TakeCleanupPolicy(std::string_view policy, TopicSettings& settings);

}  // namespace streamgauge::kafka
