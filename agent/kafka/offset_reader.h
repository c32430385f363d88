// Asks the leaders for offsets of their partitions, many in one request (ListOffsets). Used by the
// source's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "kafka/admin_requests.h"
#include "kafka/offset.h"

namespace streamgauge::kafka {

enum class OffsetKind : std::uint8_t {
  kStart,   // the log start offset
  kEnd,     // the high watermark
  kStable,  // the last stable offset
  kAtTime,  // the first record with at least OffsetQuery::timestamp_ms
};

struct OffsetQuery {
  const char* topic = nullptr;  // outlives the call; the same pointer for the same topic
  std::int32_t partition = 0;
  std::int32_t leader = 0;
  std::int64_t timestamp_ms = 0;
};

struct OffsetAnswer {
  Offset offset = 0;  // of kAtTime < 0: there is no such record
  std::int64_t timestamp_ms = 0;
};

// Calls `take` once for every query, by its index. Each leader gets its own requests, so that one
// that does not answer holds up nobody else. The isolation level is always stated.
void ReadOffsets(AdminRequests& requests, OffsetKind kind, std::span<const OffsetQuery> queries,
                 const std::function<void(std::size_t index, Result<OffsetAnswer>)>& take);

}  // namespace streamgauge::kafka
