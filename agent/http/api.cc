#include "http/api.h"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <nlohmann/json.hpp>
#include <optional>

#include "model/time.h"
#include "signals/words.h"

namespace streamgauge {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPieceSize = std::size_t{64} << 10;

// What is not UTF-8 in a server's message must not break the document.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <std::integral T>
void Put(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}
void Put(Json& json, const char* key, const std::optional<double>& value) {
  if (!value || std::isnan(*value)) return;
  if (std::isinf(*value)) {
    json[key] = *value > 0 ? "+Inf" : "-Inf";
  } else {
    json[key] = *value;
  }
}
void Put(Json& json, const char* key, const std::optional<WallTime>& value) {
  if (value) json[key] = ToUnixSeconds(*value);
}

void PutReading(Json& json, const GroupReading& group) {
  Put(json, "lag", group.lag);
  json["lag_source"] = ToString(group.lag_source);
  Put(json, "lag_seconds", group.lag_seconds);
  Put(json, "pending", group.pending);
  Put(json, "oldest_pending_seconds", group.oldest_pending_seconds);
  Put(json, "oldest_pending_idle_seconds", group.oldest_pending_idle_seconds);
  Put(json, "max_deliveries", group.max_deliveries);
  Put(json, "pending_trimmed", group.pending_trimmed);
  Put(json, "headroom_messages", group.headroom_messages);
  Put(json, "delivered_total", group.delivered_total);
  Put(json, "acknowledged_total", group.acknowledged_total);
  Put(json, "lost_total", group.lost_total);
}

void PutRedis(Json& json, const GroupReading& group) {
  if (group.position) {
    json["last_delivered_id"] =
        std::to_string(group.position->major) + "-" + std::to_string(group.position->minor);
  }
}

void PutKafka(Json& json, const GroupReading& group) {
  if (group.members_state != MembersState::kUnknown) {
    json["members_state"] = ToString(group.members_state);
  }
  Put(json, "completeness", group.completeness);
  Put(json, "last_commit_timestamp_seconds", group.last_commit);
  Put(json, "commits_total", group.commits_total);
  Put(json, "rebalances_total", group.rebalances_total);
}

Json ConsumersOf(const ConsumerStates& states) {
  Json json = {{"active", states.active}};
  if (states.members_only) return json;
  json["idle"] = states.idle;
  json["dead_with_pending"] = states.dead_with_pending;
  json["never_read"] = states.never_read;
  return json;
}

void PutSignals(Json& json, const GroupSignals& signals) {
  Put(json, "backlog", signals.backlog);
  Put(json, "append_rate", signals.append_rate);
  Put(json, "delivery_rate", signals.delivery_rate);
  Put(json, "finish_rate", signals.finish_rate);
  Put(json, "drain_seconds", signals.drain_seconds);
  Put(json, "headroom_seconds", signals.headroom_seconds);
  Put(json, "objective_seconds", signals.objective_seconds);
  if (signals.consumers) json["consumers"] = ConsumersOf(*signals.consumers);
}

std::string GroupText(const RankedGroup& group) {
  Json json;
  json["system"] = group.target->system;
  json["target"] = group.target->name;
  json["stream"] = Readable(group.stream().name->text());
  json["group"] = Readable(group.reading().name->text());
  json["state"] = ToString(group.signals().state);
  if (group.index < group.report().groups.size()) {
    json["state_seconds"] = group.signals().state_seconds;
    json["reason"] = ReasonInWords(group.report(), group.index);
  }
  PutReading(json, group.reading());
  if (group.target->system == "redis") PutRedis(json, group.reading());
  PutKafka(json, group.reading());
  PutSignals(json, group.signals());
  return Dump(json);
}

Json SkippedOf(const Reading& reading) {
  Json list = Json::array();
  for (const SkippedItems& skipped : reading.skipped) {
    list.push_back({{"kind", skipped.kind}, {"reason", skipped.reason}, {"count", skipped.count}});
  }
  return list;
}

Json TargetOf(const TargetView& target) {
  Json json;
  json["system"] = target.system;
  json["target"] = target.name;
  json["polled"] = target.polled;
  if (target.polled) json["up"] = target.up;
  if (target.error) {
    json["error"] = {{"reason", ToString(target.error->reason)},
                     {"message", target.error->message}};
  }
  json["poll_interval_seconds"] = ToSeconds(target.poll_interval);
  Put(json, "last_success_timestamp_seconds", target.last_success);
  if (target.last_duration) json["last_duration_seconds"] = ToSeconds(*target.last_duration);
  if (target.report) {
    const Reading& reading = target.report->reading;
    if (!reading.version.empty()) json["version"] = reading.version;
    if (!reading.mode.empty()) json["mode"] = reading.mode;
    json["nodes"] = reading.nodes;
    json["streams"] = ExportedStreams(reading);
    json["groups"] = reading.groups.size();
    json["skipped"] = SkippedOf(reading);
  }
  return json;
}

}  // namespace

bool WriteGroups(const BoardView& view, const GroupQuery& query, const TextSink& sink) {
  const std::vector<RankedGroup> groups =
      RankGroups(view, [&query](const RankedGroup& group) { return query.Matches(group); });
  const std::size_t listed = std::min(groups.size(), query.limit.value_or(groups.size()));
  std::string text = Dump({{"version", view.version}, {"matched", groups.size()}});
  text.back() = ',';  // the object goes on
  text += "\"groups\":[";
  for (std::size_t i = 0; i < listed; ++i) {
    if (i > 0) text += ',';
    text += GroupText(groups[i]);
    if (text.size() < kPieceSize) continue;
    if (!sink(text)) return false;
    text.clear();
  }
  text += "]}\n";
  return sink(text);
}

std::string TargetsJson(const BoardView& view) {
  Json json = {{"version", view.version}, {"targets", Json::array()}};
  for (const TargetViewRef& target : view.targets) json["targets"].push_back(TargetOf(*target));
  return Dump(json) + '\n';
}

std::string ErrorJson(std::string_view message) { return Dump({{"error", message}}) + '\n'; }

}  // namespace streamgauge
