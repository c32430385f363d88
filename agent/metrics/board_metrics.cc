#include "metrics/board_metrics.h"

#include <map>
#include <string>
#include <utility>

#include "model/name.h"
#include "model/time.h"

namespace streamgauge {
namespace {

constexpr auto kGauge = MetricType::kGauge;
constexpr auto kCounter = MetricType::kCounter;

constexpr std::string_view kTarget = "system, target";
constexpr std::string_view kStream = "system, target, stream";
constexpr std::string_view kPartition = "system, target, stream, partition";
constexpr std::string_view kGroup = "system, target, stream, group";
constexpr std::string_view kGroupState = "system, target, stream, group, state";
constexpr std::string_view kGroupPartition = "system, target, stream, group, partition";
constexpr std::string_view kConsumer = "system, target, stream, group, consumer";

void WriteTargetFacts(const TargetItem& target, SeriesWriter& out) {
  if (!target.view.report) return;
  const Reading& reading = target.view.report->reading;
  std::string labels;
  const auto append = [&labels](std::string_view label, std::string_view value) {
    if (value.empty()) return;  // not told: no label
    if (!labels.empty()) labels += ',';
    labels.append(label).append("=\"");
    AppendEscapedLabelValue(value, labels);
    labels += '"';
  };
  append("version", reading.version);
  append("mode", reading.mode);
  out.AddWith(labels, 1);
}

void WriteSkippedItems(const TargetItem& target, SeriesWriter& out) {
  if (!target.view.report) return;
  // A source may count the same kind and reason in several places.
  std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> sums;
  for (const SkippedItems& skipped : target.view.report->reading.skipped) {
    sums[{skipped.kind, skipped.reason}] += skipped.count;
  }
  if (target.series_cut > 0) sums[{"series", "limit"}] += target.series_cut;
  for (const auto& [key, count] : sums) {
    std::string labels = "kind=\"";
    labels.append(key.first).append("\",reason=\"").append(key.second).append("\"");
    out.AddWith(labels, count);
  }
}

constexpr Row<TargetItem> kTargetRows[] = {
    {{"streamgauge_target_up", kGauge, kTarget,
      "Whether the last poll of the target succeeded (1) or failed (0); absent before the first."},
     Scope::kItem,
     [](const TargetItem& t, SeriesWriter& out) {
       if (t.view.polled) out.Add(t.view.up ? 1 : 0);
     }},
    {{"streamgauge_target_info", kGauge, "system, target, version, mode",
      "Always 1; what the target says it is, without the label that it does not tell."},
     Scope::kItem,
     &WriteTargetFacts},
    {{"streamgauge_target_nodes", kGauge, kTarget, "Servers of the target that answered."},
     Scope::kItem,
     [](const TargetItem& t, SeriesWriter& out) {
       if (t.view.report) out.Add(t.view.report->reading.nodes);
     }},
    {{"streamgauge_poll_last_success_timestamp_seconds", kGauge, kTarget,
      "When the last successful poll ended, by the agent's clock."},
     Scope::kItem,
     [](const TargetItem& t, SeriesWriter& out) {
       if (t.view.last_success) out.Add(ToUnixSeconds(*t.view.last_success));
     }},
    {{"streamgauge_poll_interval_seconds", kGauge, kTarget,
      "The configured time between two polls."},
     Scope::kItem,
     [](const TargetItem& t, SeriesWriter& out) { out.Add(ToSeconds(t.view.poll_interval)); }},
    {{"streamgauge_items_skipped", kGauge, "system, target, kind, reason",
      "Items that the last poll left out, and why: a limit, a filter, no time, or an error."},
     Scope::kItem,
     &WriteSkippedItems},
};

// Shorthand for the commonest row: one optional of the reading.
template <auto Member>
constexpr auto kOfStream =
    [](const StreamItem& s, SeriesWriter& out) { out.Add(s.reading.*Member); };
template <auto Member>
constexpr auto kOfPartitions = [](const StreamItem& s, SeriesWriter& out) {
  for (const PartitionReading& p : s.reading.partitions) out.AddPartition(p.partition, p.*Member);
};

constexpr Row<StreamItem> kStreamRows[] = {
    {{"streamgauge_stream_length", kGauge, kStream,
      "Messages held now (Redis XLEN; Kafka the sum of end - start offset)."},
     Scope::kItem,
     kOfStream<&StreamReading::length>},
    {{"streamgauge_stream_appended_total", kCounter, kStream,
      "Messages appended since the agent started to watch."},
     Scope::kItem,
     kOfStream<&StreamReading::appended_total>},
    {{"streamgauge_stream_removed_total", kCounter, kStream,
      "Messages trimmed, deleted or expired since the agent started to watch."},
     Scope::kItem,
     kOfStream<&StreamReading::removed_total>},
    {{"streamgauge_stream_partitions", kGauge, kStream, "Partitions of the topic (Kafka)."},
     Scope::kItem,
     kOfStream<&StreamReading::partition_count>},
    {{"streamgauge_stream_groups", kGauge, kStream,
      "Consumer groups on the stream (Redis: all of them; Kafka: of those that are watched)."},
     Scope::kItem,
     kOfStream<&StreamReading::group_count>},
    {{"streamgauge_stream_span_seconds", kGauge, kStream,
      "Age difference between the newest and the oldest message held: how much history there is."},
     Scope::kItem,
     kOfStream<&StreamReading::span_seconds>},
    {{"streamgauge_stream_bytes", kGauge, kStream,
      "Memory of the stream (Redis, opt-in); log bytes over all replicas (Kafka): a later "
      "version."},
     Scope::kItem,
     kOfStream<&StreamReading::bytes>},
    {{"streamgauge_partition_start_offset", kGauge, kPartition,
      "Offset of the oldest record held (Kafka)."},
     Scope::kPartition,
     kOfPartitions<&PartitionReading::start_offset>},
    {{"streamgauge_partition_end_offset", kGauge, kPartition,
      "Offset of the next record to be written: the high watermark (Kafka)."},
     Scope::kPartition,
     kOfPartitions<&PartitionReading::end_offset>},
    {{"streamgauge_partition_stable_offset", kGauge, kPartition,
      "Last stable offset (Kafka); below the end offset only while a transaction may be open."},
     Scope::kPartition,
     kOfPartitions<&PartitionReading::stable_offset>},
    {{"streamgauge_partition_leader", kGauge, kPartition,
      "Broker id of the partition's leader (Kafka); absent while it has none."},
     Scope::kPartition,
     kOfPartitions<&PartitionReading::leader>},
    {{"streamgauge_partition_replicas", kGauge, kPartition, "Replicas of the partition (Kafka)."},
     Scope::kPartition,
     kOfPartitions<&PartitionReading::replicas>},
    {{"streamgauge_partition_in_sync_replicas", kGauge, kPartition,
      "Replicas of the partition that are in sync (Kafka)."},
     Scope::kPartition,
     kOfPartitions<&PartitionReading::in_sync_replicas>},
};

template <auto Member>
constexpr auto kOfGroup = [](const GroupItem& g, SeriesWriter& out) { out.Add(g.reading.*Member); };
template <auto Member>
constexpr auto kOfSignals =
    [](const GroupItem& g, SeriesWriter& out) { out.Add(g.signals.*Member); };
template <auto Member>
constexpr auto kOfGroupPartitions = [](const GroupItem& g, SeriesWriter& out) {
  for (const GroupPartitionReading& p : g.reading.partitions) {
    out.AddPartition(p.partition, p.*Member);
  }
};
template <auto Member>
constexpr auto kOfConsumers = [](const GroupItem& g, SeriesWriter& out) {
  for (const ConsumerReading& c : g.reading.consumers) out.AddWith(c.name->fragment(), c.*Member);
};

void WriteConsumerStates(const GroupItem& group, SeriesWriter& out) {
  if (!group.signals.consumers) return;
  const ConsumerStates& states = *group.signals.consumers;
  out.AddLabelled("state", "active", states.active);
  if (states.members_only) return;
  out.AddLabelled("state", "idle", states.idle);
  out.AddLabelled("state", "dead_with_pending", states.dead_with_pending);
  out.AddLabelled("state", "never_read", states.never_read);
}

constexpr Row<GroupItem> kGroupRows[] = {
    {{"streamgauge_group_lag", kGauge, kGroup,
      "Messages not yet delivered to the group (Kafka: end - max(committed, start))."},
     Scope::kItem,
     kOfGroup<&GroupReading::lag>},
    {{"streamgauge_group_lag_source", kGauge, "system, target, stream, group, source",
      "Always 1; how the lag is known: exact, calibrated, counted or unknown."},
     Scope::kItem,
     [](const GroupItem& g, SeriesWriter& out) {
       out.AddLabelled("source", ToString(g.reading.lag_source), 1);
     }},
    {{"streamgauge_group_pending", kGauge, kGroup,
      "Messages delivered but not acknowledged (Redis pending entries list)."},
     Scope::kItem,
     kOfGroup<&GroupReading::pending>},
    {{"streamgauge_group_backlog", kGauge, kGroup, "Lag + pending: everything not finished."},
     Scope::kItem,
     kOfSignals<&GroupSignals::backlog>},
    {{"streamgauge_group_lag_seconds", kGauge, kGroup,
      "Age of the oldest message not yet delivered; 0 when there is none."},
     Scope::kItem,
     kOfGroup<&GroupReading::lag_seconds>},
    {{"streamgauge_group_oldest_pending_seconds", kGauge, kGroup,
      "Age of the oldest pending message, by its own timestamp."},
     Scope::kItem,
     kOfGroup<&GroupReading::oldest_pending_seconds>},
    {{"streamgauge_group_oldest_pending_idle_seconds", kGauge, kGroup,
      "Time since the oldest pending message was last delivered."},
     Scope::kItem,
     kOfGroup<&GroupReading::oldest_pending_idle_seconds>},
    {{"streamgauge_group_max_deliveries", kGauge, kGroup,
      "Highest delivery count among the pending messages examined: a poison message."},
     Scope::kItem,
     kOfGroup<&GroupReading::max_deliveries>},
    {{"streamgauge_group_pending_trimmed", kGauge, kGroup,
      "Pending entries whose message is already gone (Redis)."},
     Scope::kItem,
     kOfGroup<&GroupReading::pending_trimmed>},
    {{"streamgauge_group_delivered_total", kCounter, kGroup,
      "Messages delivered to the group since the agent started to watch (Kafka: committed)."},
     Scope::kItem,
     kOfGroup<&GroupReading::delivered_total>},
    {{"streamgauge_group_acknowledged_total", kCounter, kGroup,
      "Messages finished by the group since the agent started to watch (Kafka: committed)."},
     Scope::kItem,
     kOfGroup<&GroupReading::acknowledged_total>},
    {{"streamgauge_group_last_commit_timestamp_seconds", kGauge, kGroup,
      "When the group last committed, by the broker's clock (Kafka, where its commits are "
      "followed)."},
     Scope::kItem,
     [](const GroupItem& g, SeriesWriter& out) {
       if (g.reading.last_commit) out.Add(ToUnixSeconds(*g.reading.last_commit));
     }},
    {{"streamgauge_group_commits_total", kCounter, kGroup,
      "Commits seen, one for each partition (Kafka, where they are followed)."},
     Scope::kItem,
     kOfGroup<&GroupReading::commits_total>},
    {{"streamgauge_group_rebalances_total", kCounter, kGroup,
      "Rebalances of the group seen, of all its topics (Kafka, where its commits are followed)."},
     Scope::kItem,
     kOfGroup<&GroupReading::rebalances_total>},
    {{"streamgauge_group_drain_seconds", kGauge, kGroup,
      "Time until the backlog is gone at present rates; 0 when empty, +Inf when not shrinking."},
     Scope::kItem,
     kOfSignals<&GroupSignals::drain_seconds>},
    {{"streamgauge_group_headroom_messages", kGauge, kGroup,
      "Messages that can still be removed before unread ones are."},
     Scope::kItem,
     kOfGroup<&GroupReading::headroom_messages>},
    {{"streamgauge_group_headroom_seconds", kGauge, kGroup,
      "Time until retention or trimming reaches unread messages at present rates; +Inf where "
      "configuration proves that nothing is removed."},
     Scope::kItem,
     kOfSignals<&GroupSignals::headroom_seconds>},
    {{"streamgauge_group_lost_total", kCounter, kGroup,
      "Messages removed before they were delivered: a lower bound, never too high."},
     Scope::kItem,
     kOfGroup<&GroupReading::lost_total>},
    {{"streamgauge_group_consumers", kGauge, kGroupState,
      "Consumers: active, idle, dead_with_pending or never_read. Members (Kafka): active."},
     Scope::kItem,
     &WriteConsumerStates},
    {{"streamgauge_group_state", kGauge, kGroupState,
      "Always 1; the verdict: losing_data, rewound, no_consumers, unknown, stalled, "
      "falling_behind, catching_up or ok."},
     Scope::kItem,
     [](const GroupItem& g, SeriesWriter& out) {
       out.AddLabelled("state", ToString(g.signals.state), 1);
     }},
    {{"streamgauge_group_members_state", kGauge, kGroupState,
      "Always 1; the state that Kafka itself gives the group."},
     Scope::kItem,
     [](const GroupItem& g, SeriesWriter& out) {
       if (g.reading.members_state == MembersState::kUnknown) return;
       out.AddLabelled("state", ToString(g.reading.members_state), 1);
     }},
    {{"streamgauge_group_completeness", kGauge, kGroup,
      "Share of the group's partitions that the last poll read, 0 to 1."},
     Scope::kItem,
     kOfGroup<&GroupReading::completeness>},
    {{"streamgauge_group_objective_seconds", kGauge, kGroup,
      "The configured objective for the lag in seconds, where one matches."},
     Scope::kItem,
     kOfSignals<&GroupSignals::objective_seconds>},
    {{"streamgauge_group_partition_committed_offset", kGauge, kGroupPartition,
      "The group's committed offset (Kafka)."},
     Scope::kPartition,
     kOfGroupPartitions<&GroupPartitionReading::committed_offset>},
    {{"streamgauge_group_partition_lag", kGauge, kGroupPartition,
      "Messages of the partition not yet delivered to the group (Kafka)."},
     Scope::kPartition,
     kOfGroupPartitions<&GroupPartitionReading::lag>},
    {{"streamgauge_group_partition_lag_seconds", kGauge, kGroupPartition,
      "Age of the partition's oldest message not yet delivered; 0 when there is none (Kafka)."},
     Scope::kPartition,
     kOfGroupPartitions<&GroupPartitionReading::lag_seconds>},
    {{"streamgauge_consumer_pending", kGauge, kConsumer,
      "Messages that the consumer got and had not acknowledged when it was last listed (Redis)."},
     Scope::kConsumer,
     kOfConsumers<&ConsumerReading::pending>},
    {{"streamgauge_consumer_idle_seconds", kGauge, kConsumer,
      "Time since the consumer's last attempt to read (Redis before 7.2: last success), when it "
      "was last listed."},
     Scope::kConsumer,
     kOfConsumers<&ConsumerReading::idle_seconds>},
    {{"streamgauge_consumer_inactive_seconds", kGauge, kConsumer,
      "Time since the consumer last got something, when it was last listed (Redis 7.2 and later)."},
     Scope::kConsumer,
     kOfConsumers<&ConsumerReading::inactive_seconds>},
};

}  // namespace

std::span<const Row<TargetItem>> TargetRows() { return kTargetRows; }
std::span<const Row<StreamItem>> StreamRows() { return kStreamRows; }
std::span<const Row<GroupItem>> GroupRows() { return kGroupRows; }

}  // namespace streamgauge
