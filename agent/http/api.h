// The JSON of /api/v1: the same snapshot as /metrics. What is not known is a key that is absent;
// what is infinite is "+Inf". docs/api.md describes it, docs/api.schema.json defines it. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "http/group_query.h"
#include "model/board.h"

namespace streamgauge {

// Takes a piece of the text; returns false to stop.
using TextSink = std::function<bool(std::string_view piece)>;

// {"groups": [...], ...} in pieces of about 64 KiB, since a large board has megabytes of it. False
// when the sink stopped it.
bool WriteGroups(const BoardView& view, const GroupQuery& query, const TextSink& sink);

// {"targets": [...], ...}
std::string TargetsJson(const BoardView& view);

// {"error": "..."}
std::string ErrorJson(std::string_view message);

}  // namespace streamgauge
