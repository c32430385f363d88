// Asks which groups there are, and who their members are. Used by the source's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kafka/admin_requests.h"
#include "kafka/observation.h"

namespace streamgauge::kafka {

// Asks every broker for the groups that it coordinates, and calls `take` once for each broker. Of
// each group one thus knows the coordinator, which spares a look-up per request about it.
void ListGroups(
    AdminRequests& requests, const std::vector<std::int32_t>& brokers,
    const std::function<void(std::int32_t broker, Result<std::vector<GroupListing>>)>& take);

struct GroupQuery {
  std::string group;
  std::optional<std::int32_t> coordinator;
  bool needs_offsets = true;  // what it was last told is not with whoever asks any more
  bool away = false;          // out of sight for long: not worth a second try
};

// Calls `take` once for every group, by its index in `groups`.
void DescribeGroups(AdminRequests& requests, std::span<const GroupQuery> groups,
                    const std::function<void(std::size_t index, Result<GroupDescription>)>& take);

}  // namespace streamgauge::kafka
