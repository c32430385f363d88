// Readings, reports and a board made by hand, on which every metric has a series: for the golden
// scrape, the HTTP tests and the documents. Its figures mean nothing but are all different.
#pragma once

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "model/board.h"
#include "model/report.h"

namespace streamgauge::test {

inline NameRef StreamName(std::string_view text) {
  return std::make_shared<const Name>(NameKind::kStream, text);
}
inline NameRef GroupName(std::string_view text) {
  return std::make_shared<const Name>(NameKind::kGroup, text);
}
inline NameRef ConsumerName(std::string_view text) {
  return std::make_shared<const Name>(NameKind::kConsumer, text);
}

inline WallTime SampleTime() { return FromUnixMillis(1'700'000'000'000); }

// A Redis stream with one bad group that has everything a Redis group can have, and one of which
// almost nothing is known.
inline Report SampleRedisReport() {
  Report report;
  Reading& reading = report.reading;
  reading.time = SampleTime();
  reading.version = "7.2.4";
  reading.mode = "standalone";
  reading.skipped = {
      {"consumer", "limit", 3}, {"stream", "filtered", 2}, {"stream", "filtered", 5}};

  StreamReading stream;
  stream.name = StreamName("orders");
  stream.length = 5000;
  stream.appended_total = 900;
  stream.removed_total = 400;
  stream.group_count = 2;
  stream.span_seconds = 3600.25;
  stream.bytes = 123456789;
  reading.streams.push_back(std::move(stream));
  report.streams.emplace_back();

  GroupReading billing;
  billing.name = GroupName("billing");
  billing.lag_source = LagSource::kCalibrated;
  billing.lag = 1204;
  billing.lag_seconds = 372.125;
  billing.pending = 17;
  billing.oldest_pending_seconds = 401.5;
  billing.oldest_pending_idle_seconds = 360.75;
  billing.max_deliveries = 4;
  billing.pending_trimmed = 1;
  billing.headroom_messages = 3796;
  billing.delivered_total = 800;
  billing.acknowledged_total = 783;
  billing.lost_total = 6;
  billing.position = Position{1'699'999'000'000, 7};
  billing.consumer_count = 2;
  billing.consumers_listed = true;
  billing.consumers.push_back({ConsumerName("worker-1"), 17, 360.5, 361.5, false});
  billing.consumers.push_back({ConsumerName("worker-2"), 0, 1.5, std::nullopt, true});
  reading.groups.push_back(std::move(billing));

  GroupSignals stalled;
  stalled.backlog = 1221;
  stalled.append_rate = 2.5;
  stalled.delivery_rate = 0;
  stalled.finish_rate = 0;
  stalled.drain_seconds = std::numeric_limits<double>::infinity();
  stalled.headroom_seconds = 1518.4;
  stalled.objective_seconds = 30;
  stalled.consumers = ConsumerStates{1, 2, 3, 4};
  stalled.state = GroupState::kStalled;
  report.groups.push_back(stalled);

  GroupReading unknown;
  unknown.name = GroupName("audit");
  reading.groups.push_back(std::move(unknown));
  report.groups.emplace_back();
  return report;
}

// A Kafka topic of two partitions, one of them without a leader, and one healthy group.
inline Report SampleKafkaReport() {
  Report report;
  Reading& reading = report.reading;
  reading.time = SampleTime();
  reading.version = "4.3.1";
  reading.mode = "kraft";
  reading.nodes = 3;

  StreamReading topic;
  topic.name = StreamName("payments");
  topic.length = 160;
  topic.partition_count = 2;
  topic.group_count = 1;
  topic.partitions.push_back({0, 100, 260, 255, 1, 3, 2});
  topic.partitions.push_back({.partition = 1, .replicas = 3, .in_sync_replicas = 0});
  reading.streams.push_back(std::move(topic));
  report.streams.emplace_back();

  GroupReading group;
  group.name = GroupName("ledger");
  group.lag_source = LagSource::kExact;
  group.lag = 5;
  group.lag_seconds = 0.5;
  group.delivered_total = 70;
  group.acknowledged_total = 70;
  group.members = 2;
  group.members_state = MembersState::kStable;
  group.completeness = 0.5;
  group.partitions.push_back({0, 255, 5, 0.5});
  group.partitions.push_back({.partition = 1, .committed_offset = 12});
  group.last_commit = SampleTime();
  group.commits_total = 44;
  group.rebalances_total = 1;
  reading.groups.push_back(std::move(group));

  GroupSignals ok;
  ok.backlog = 5;
  ok.drain_seconds = 1.25;
  ok.headroom_seconds = 604799.5;
  ok.consumers = ConsumerStates{.active = 2, .members_only = true};
  ok.state = GroupState::kOk;
  report.groups.push_back(ok);
  return report;
}

inline std::shared_ptr<TargetView> SampleTarget(std::string system, std::string name,
                                                Report report) {
  auto view = std::make_shared<TargetView>();
  view->system = std::move(system);
  view->name = std::move(name);
  view->poll_interval = std::chrono::seconds(10);
  view->polled = true;
  view->up = true;
  view->last_success = SampleTime();
  view->last_duration = std::chrono::milliseconds(15);
  view->report = std::make_shared<const Report>(std::move(report));
  return view;
}

inline TargetViewRef DownTarget(std::string system, std::string name) {
  auto view = std::make_shared<TargetView>();
  view->system = std::move(system);
  view->name = std::move(name);
  view->poll_interval = std::chrono::milliseconds(2500);
  view->polled = true;
  view->error = Error{Reason::kUnauthorized, "AUTH: WRONGPASS; check username and password"};
  return view;
}

inline TargetViewRef UnpolledTarget(std::string system, std::string name) {
  auto view = std::make_shared<TargetView>();
  view->system = std::move(system);
  view->name = std::move(name);
  view->poll_interval = std::chrono::seconds(10);
  return view;
}

// Redis and Kafka up, one target down, one not yet polled.
inline void FillSampleBoard(Board& board) {
  board.Publish(SampleTarget("redis", "checkout", SampleRedisReport()));
  board.Publish(SampleTarget("kafka", "events", SampleKafkaReport()));
  board.Publish(DownTarget("redis", "cart"));
  board.Publish(UnpolledTarget("kafka", "audit"));
}

}  // namespace streamgauge::test
