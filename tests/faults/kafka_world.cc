#include "faults/kafka_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetweenSteps{50};
constexpr int kBurstEvery = 10;
// How long before its end a poll may have asked: more than its timeout.
constexpr milliseconds kLongestPoll{1500};
constexpr milliseconds kClockNoise{5};

const std::vector<std::string>& FiguresOfTopic() {
  static const std::vector<std::string> kNames = {
      "streamgauge_stream_length", "streamgauge_stream_appended_total",
      "streamgauge_partition_end_offset", "streamgauge_partition_start_offset"};
  return kNames;
}

const std::vector<std::string>& FiguresOfGroup() {
  static const std::vector<std::string> kNames = {
      "streamgauge_group_lag",           "streamgauge_group_state",
      "streamgauge_group_partition_lag", "streamgauge_group_partition_committed_offset",
      "streamgauge_group_lost_total",    "streamgauge_group_delivered_total"};
  return kNames;
}

// Verdicts that would be false of a group, whatever happens to the broker.
std::vector<std::string> FalseVerdicts(const std::string& group) {
  if (group.ends_with("asleep")) return {"losing_data", "rewound"};
  return {"losing_data", "rewound", "stalled", "no_consumers"};
}

double Seconds(WallClock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string Where(const Labels& labels) {
  std::string text;
  for (const char* name : {"stream", "group", "partition"}) {
    if (labels.contains(name)) text += " " + labels.at(name);
  }
  return text;
}

}  // namespace

KafkaWorld::KafkaWorld(const std::string& bootstrap, std::string prefix, milliseconds stale_after,
                       milliseconds poll_interval, std::string target)
    : World(std::move(target)),
      prefix_(std::move(prefix)),
      stale_after_(stale_after),
      poll_interval_(poll_interval),
      client_(bootstrap) {
  const std::string orders = prefix_ + "orders";
  const std::string quiet = prefix_ + "quiet";
  topics_[orders].truth.committed = {{prefix_ + "keeps-up", {}}, {prefix_ + "in-bursts", {}}};
  topics_[quiet].truth.committed = {{prefix_ + "asleep", {}}};
  for (auto& [name, topic] : topics_) {
    client_.CreateTopic(name, kWorldPartitions);
    for (std::int32_t p = 0; p < static_cast<std::int32_t>(kWorldPartitions); ++p) Produce(name, p);
    for (const auto& [group, offsets] : KafkaTopicTruth(topic.truth).committed) Commit(name, group);
    for (std::int32_t p = 0; p < static_cast<std::int32_t>(kWorldPartitions); ++p) Produce(name, p);
  }
  SetInMotion(kBetweenSteps);
}

void KafkaWorld::Step() {
  ++steps_;
  const std::string orders = prefix_ + "orders";
  Produce(orders, static_cast<std::int32_t>(steps_ % kWorldPartitions));
  Commit(orders, prefix_ + "keeps-up");
  if (steps_ % kBurstEvery == 0) Commit(orders, prefix_ + "in-bursts");
}

void KafkaWorld::Produce(const std::string& name, std::int32_t partition) {
  Topic& topic = topics_.at(name);
  const auto p = static_cast<std::size_t>(partition);
  const WallMoment sent = WallClock::now();
  client_.Produce(name, partition, 1);
  {
    const std::lock_guard lock(truth_mutex_);
    topic.written[p].emplace_back(sent, WallClock::now());
  }
  ++topic.truth.ends[p];
  topic.ledger.Note(sent, topic.truth);
}

// Up to the end of every partition.
void KafkaWorld::Commit(const std::string& name, const std::string& group) {
  Topic& topic = topics_.at(name);
  std::vector<KafkaOffset> offsets;
  for (std::size_t p = 0; p < kWorldPartitions; ++p) {
    offsets.push_back({name, static_cast<std::int32_t>(p), topic.truth.ends[p]});
  }
  const WallMoment sent = WallClock::now();
  client_.CommitOffsets(group, offsets);
  topic.truth.committed[group] = topic.truth.ends;
  topic.ledger.Note(sent, topic.truth);
}

KafkaWorld::Range KafkaWorld::EndsOf(const Spans& spans, std::size_t partition) {
  Range range{std::numeric_limits<std::int64_t>::max(), 0};
  for (const auto& span : spans) {
    range.low = std::min(range.low, span.state.ends[partition]);
    range.high = std::max(range.high, span.state.ends[partition]);
  }
  return range;
}

KafkaWorld::Range KafkaWorld::CommittedOf(const Spans& spans, const std::string& group,
                                          std::size_t partition) {
  Range range{std::numeric_limits<std::int64_t>::max(), 0};
  for (const auto& span : spans) {
    const std::int64_t committed = span.state.committed.at(group)[partition];
    range.low = std::min(range.low, committed);
    range.high = std::max(range.high, committed);
  }
  return range;
}

std::vector<std::string> KafkaWorld::LiesOf(const MetricsPage& page, WallMoment poll_ended) {
  std::vector<std::string> lies;
  // What was under way when the agent looked is noted by then.
  const std::scoped_lock lock(mutex_, truth_mutex_);
  for (auto& [name, topic] : topics_) {
    const WallMoment from = poll_ended - stale_after_ - kLongestPoll;
    const Comparison with{.page = page,
                          .labels = {{"target", target()}, {"stream", name}},
                          .spans = topic.ledger.Between(from, poll_ended + kClockNoise),
                          .poll_ended = poll_ended,
                          .lies = lies};
    CheckTopic(topic, with);
    for (const auto& [group, offsets] : with.spans.front().state.committed) {
      CheckGroup(topic, group, with);
    }
  }
  return lies;
}

void KafkaWorld::CheckTopic(Topic& topic, const Comparison& with) {
  Range sum;
  for (std::size_t p = 0; p < kWorldPartitions; ++p) {
    const Range ends = EndsOf(with.spans, p);
    sum.low += ends.low;
    sum.high += ends.high;
    Labels where = with.labels;
    where["partition"] = std::to_string(p);
    const auto end = with.page.Value("streamgauge_partition_end_offset", where);
    if (end && (*end < static_cast<double>(ends.low) || *end > static_cast<double>(ends.high))) {
      with.lies.push_back(fmt::format("{}: end offset {}, but it was {} to {}", Where(where), *end,
                                      ends.low, ends.high));
    }
    if (with.page.Value("streamgauge_partition_start_offset", where).value_or(0) != 0) {
      with.lies.push_back(Where(where) + ": a start offset above 0");
    }
  }
  const auto length = with.page.Value("streamgauge_stream_length", with.labels);
  if (length &&
      (*length < static_cast<double>(sum.low) || *length > static_cast<double>(sum.high))) {
    with.lies.push_back(fmt::format("{}: length {}, but it was {} to {}", Where(with.labels),
                                    *length, sum.low, sum.high));
  }
  CheckTotal(topic, "streamgauge_stream_appended_total", with.labels, sum, with);
  CheckTotal(topic, "streamgauge_stream_removed_total", with.labels, {0, 0}, with);
}

void KafkaWorld::CheckGroup(Topic& topic, const std::string& group, const Comparison& with) {
  Labels where = with.labels;
  where["group"] = group;
  Range lag_sum;
  Range committed_sum;
  for (std::size_t p = 0; p < kWorldPartitions; ++p) {
    const Range ends = EndsOf(with.spans, p);
    const Range committed = CommittedOf(with.spans, group, p);
    const Range lags{std::max<std::int64_t>(0, ends.low - committed.high),
                     ends.high - committed.low};
    lag_sum.low += lags.low;
    lag_sum.high += lags.high;
    committed_sum.low += committed.low;
    committed_sum.high += committed.high;
    Labels part = where;
    part["partition"] = std::to_string(p);
    const auto check = [&](const char* metric, const Range& truth) {
      const auto figure = with.page.Value(metric, part);
      if (!figure || (*figure >= static_cast<double>(truth.low) &&
                      *figure <= static_cast<double>(truth.high))) {
        return;
      }
      with.lies.push_back(fmt::format("{}{}: {}, but it was {} to {}", metric, Where(part), *figure,
                                      truth.low, truth.high));
    };
    check("streamgauge_group_partition_committed_offset", committed);
    check("streamgauge_group_partition_lag", lags);
    CheckAge(topic, p, part, committed, with);
  }
  const auto lag = with.page.Value("streamgauge_group_lag", where);
  if (lag &&
      (*lag < static_cast<double>(lag_sum.low) || *lag > static_cast<double>(lag_sum.high))) {
    with.lies.push_back(fmt::format("{}: lag {}, but it was {} to {}", Where(where), *lag,
                                    lag_sum.low, lag_sum.high));
  }
  CheckTotal(topic, "streamgauge_group_delivered_total", where, committed_sum, with);
  CheckTotal(topic, "streamgauge_group_acknowledged_total", where, committed_sum, with);
  CheckTotal(topic, "streamgauge_group_lost_total", where, {0, 0}, with);
  for (const std::string& state : FalseVerdicts(group)) {
    Labels verdict = where;
    verdict["state"] = state;
    if (with.page.Value("streamgauge_group_state", verdict)) {
      with.lies.push_back(Where(where) + ": the verdict " + state);
    }
  }
}

// The age of the oldest record after the committed offset; 0 when there is none.
void KafkaWorld::CheckAge(const Topic& topic, std::size_t partition, const Labels& where,
                          Range committed, const Comparison& with) const {
  const auto age = with.page.Value("streamgauge_group_partition_lag_seconds", where);
  if (!age) return;
  const auto& written = topic.written[partition];
  const double noise = Seconds(poll_interval_) + 0.1;  // an interpolated age is so exact
  double oldest = 0;
  if (static_cast<std::size_t>(committed.low) < written.size()) {
    const auto& first = written[static_cast<std::size_t>(committed.low)];
    oldest = std::max(0.0, Seconds(with.poll_ended - first.first));
  }
  if (*age <= oldest + noise) return;
  with.lies.push_back(
      fmt::format("{}: lag_seconds {}, but the oldest was of {} s", Where(where), *age, oldest));
}

void KafkaWorld::CheckTotal(Topic& topic, const char* metric, const Labels& where, Range truth,
                            const Comparison& with) {
  const auto total = with.page.Value(metric, where);
  if (!total) return;
  // Partitions are not read at the same moment: any sum in between may be it.
  std::vector<std::uint64_t> possible(static_cast<std::size_t>(truth.high - truth.low) + 1);
  std::iota(possible.begin(), possible.end(), static_cast<std::uint64_t>(truth.low));
  if (topic.totals[metric + Where(where)].Fits(*total, possible)) return;
  with.lies.push_back(fmt::format("{}{}: {}, while {} to {} happened", metric, Where(where), *total,
                                  truth.low, truth.high));
}

std::vector<std::string> KafkaWorld::MissingOn(const MetricsPage& page) const {
  std::vector<std::string> missing;
  const auto look = [&](const std::string& metric, const Labels& labels, std::size_t count) {
    if (page.Find(metric, labels).size() >= count) return;
    missing.push_back(metric + " of" + Where(labels));
  };
  const auto count = [](const std::string& metric) {
    return metric.find("partition") == std::string::npos ? std::size_t{1} : kWorldPartitions;
  };
  for (const auto& [name, topic] : topics_) {
    Labels labels = {{"target", target()}, {"stream", name}};
    for (const auto& metric : FiguresOfTopic()) look(metric, labels, count(metric));
    const WallMoment now = WallClock::now();  // one moment: two may come in either order
    const auto spans = topic.ledger.Between(now, now);
    if (spans.empty()) continue;
    for (const auto& [group, offsets] : spans.front().state.committed) {
      labels["group"] = group;
      for (const auto& metric : FiguresOfGroup()) look(metric, labels, count(metric));
    }
  }
  return missing;
}

}  // namespace streamgauge::test
