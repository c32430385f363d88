#include "faults/kafka_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "faults/sanitized.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetweenSteps{50 * kSlowdown};
constexpr int kBurstEvery = 10;
// How long before its end a poll may have asked: more than its timeout.
constexpr milliseconds kLongestPoll{1500 * kSlowdown};
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
std::vector<std::string> FalseVerdicts(const std::string& group, bool may_be_rewound) {
  if (group.ends_with("asleep") && may_be_rewound) return {"losing_data"};
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
                       milliseconds poll_interval, std::string target, int replicas)
    : World(std::move(target)),
      prefix_(std::move(prefix)),
      stale_after_(stale_after),
      poll_interval_(poll_interval),
      bootstrap_(bootstrap),
      client_(bootstrap) {
  topics_[orders()].truth.committed = {{prefix_ + "keeps-up", {}}, {prefix_ + "in-bursts", {}}};
  topics_[quiet()].truth.committed = {{asleep(), {}}};
  AgentClockIsAhead(milliseconds(0));
  for (auto& [name, topic] : topics_) {
    client_.CreateTopic(name, kWorldPartitions, {}, replicas);
    topic.truth.delivered = topic.truth.committed;
    ProduceOnAll(name);
    for (const auto& [group, offsets] : KafkaTopicTruth(topic.truth).committed) Commit(name, group);
    ProduceOnAll(name);
  }
  SetInMotion(kBetweenSteps);
}

void KafkaWorld::Step() {
  ++steps_;
  Produce(orders(), static_cast<std::int32_t>(steps_ % kWorldPartitions));
  Commit(orders(), prefix_ + "keeps-up");
  if (steps_ % kBurstEvery == 0) Commit(orders(), prefix_ + "in-bursts");
}

void KafkaWorld::ProduceOnAll(const std::string& name) {
  for (std::int32_t p = 0; p < static_cast<std::int32_t>(kWorldPartitions); ++p) Produce(name, p);
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
  ++topic.truth.appended[p];
  topic.ledger.Note(sent, topic.truth);
}

// Up to the end of every partition.
void KafkaWorld::Commit(const std::string& name, const std::string& group) {
  CommitAt(name, group, KafkaTopicTruth::Offsets(topics_.at(name).truth.ends));
}

void KafkaWorld::CommitAt(const std::string& name, const std::string& group,
                          const KafkaTopicTruth::Offsets& at) {
  Topic& topic = topics_.at(name);
  std::vector<KafkaOffset> offsets;
  for (std::size_t p = 0; p < kWorldPartitions; ++p) {
    offsets.push_back({name, static_cast<std::int32_t>(p), at[p]});
  }
  const WallMoment sent = WallClock::now();
  // A coordinator may have moved since the last time.
  const auto done = [&] {
    try {
      client_.CommitOffsets(group, offsets);
      return true;
    } catch (const std::runtime_error& e) {
      if (std::string(e.what()).find("coordinator") == std::string::npos) throw;
      client_ = KafkaClient(bootstrap_);  // librdkafka goes on asking the old one
      return false;
    }
  };
  if (!WaitFor(done, std::chrono::seconds(20))) throw std::runtime_error("no coordinator");
  for (std::size_t p = 0; p < kWorldPartitions; ++p) {
    const auto before = std::max<std::int64_t>(0, topic.truth.committed[group][p]);
    const auto reached = std::min(at[p], topic.truth.ends[p]);  // there is nothing beyond
    topic.truth.delivered[group][p] += std::max<std::int64_t>(0, reached - before);
  }
  topic.truth.committed[group] = at;
  topic.ledger.Note(sent, topic.truth);
}

// The agent may not see everything that is done by hand between two of its polls.
void KafkaWorld::ExpectTrouble() {
  const std::lock_guard lock(truth_mutex_);
  may_be_rewound_ = true;
  for (auto& [name, check] : topics_.at(quiet()).totals) check.MayFallShort();
}

void KafkaWorld::CommitOnQuiet(std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  ExpectTrouble();
  KafkaTopicTruth::Offsets at;
  at.fill(offset);
  CommitAt(quiet(), asleep(), at);
}

void KafkaWorld::DeleteGroupOfQuiet() {
  const std::lock_guard lock(mutex_);
  ExpectTrouble();
  Topic& topic = topics_.at(quiet());
  const WallMoment sent = WallClock::now();
  client_.DeleteGroup(asleep());
  topic.truth.committed[asleep()].fill(KafkaTopicTruth::kNone);
  topic.ledger.Note(sent, topic.truth);
}

// The offsets that were committed go with the topic, a little later.
void KafkaWorld::MakeQuietAnew() {
  const std::lock_guard lock(mutex_);
  ExpectTrouble();
  Topic& topic = topics_.at(quiet());
  const auto records = topic.truth.ends[0];
  const WallMoment sent = WallClock::now();
  client_.DeleteTopic(quiet());
  client_.CreateTopic(quiet(), kWorldPartitions);
  topic.truth.ends.fill(0);
  topic.ledger.Note(sent, topic.truth);
  for (std::int64_t i = 0; i < records; ++i) ProduceOnAll(quiet());
  const bool gone =
      WaitFor([&] { return client_.CommittedOffsets(asleep()).empty(); }, std::chrono::seconds(10));
  if (!gone) throw std::runtime_error("offsets of the deleted topic stay");
  topic.truth.committed[asleep()].fill(KafkaTopicTruth::kNone);
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
  Range range{std::numeric_limits<std::int64_t>::max(), KafkaTopicTruth::kNone};
  for (const auto& span : spans) {
    const std::int64_t committed = span.state.committed.at(group)[partition];
    if (committed == KafkaTopicTruth::kNone) continue;
    range.low = std::min(range.low, committed);
    range.high = std::max(range.high, committed);
  }
  return range;
}

KafkaWorld::Range KafkaWorld::SumOf(
    const Spans& spans,
    const std::function<KafkaTopicTruth::Offsets(const KafkaTopicTruth&)>& offsets) {
  Range sum;
  for (std::size_t p = 0; p < kWorldPartitions; ++p) {
    std::int64_t low = std::numeric_limits<std::int64_t>::max();
    std::int64_t high = 0;
    for (const auto& span : spans) {
      low = std::min(low, offsets(span.state)[p]);
      high = std::max(high, offsets(span.state)[p]);
    }
    sum.low += low;
    sum.high += high;
  }
  return sum;
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
  CheckTotal(topic, "streamgauge_stream_appended_total", with.labels,
             SumOf(with.spans, [](const auto& truth) { return truth.appended; }), with);
  CheckTotal(topic, "streamgauge_stream_removed_total", with.labels, {0, 0}, with);
}

void KafkaWorld::CheckGroup(Topic& topic, const std::string& group, const Comparison& with) {
  Labels where = with.labels;
  where["group"] = group;
  Range lag_sum;
  bool none = false;  // nothing was committed on some partition
  for (std::size_t p = 0; p < kWorldPartitions; ++p) {
    const Range ends = EndsOf(with.spans, p);
    const Range committed = CommittedOf(with.spans, group, p);
    const bool absent = committed.low > committed.high;
    const Range lags = absent ? committed
                              : Range{std::max<std::int64_t>(0, ends.low - committed.high),
                                      ends.high - committed.low};
    none = none || absent;
    if (!none) {
      lag_sum.low += lags.low;
      lag_sum.high += lags.high;
    }
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
  if (lag && (none || *lag < static_cast<double>(lag_sum.low) ||
              *lag > static_cast<double>(lag_sum.high))) {
    with.lies.push_back(fmt::format("{}: lag {}, but it was {} to {}", Where(where), *lag,
                                    lag_sum.low, lag_sum.high));
  }
  const Range delivered =
      SumOf(with.spans, [&](const auto& truth) { return truth.delivered.at(group); });
  CheckTotal(topic, "streamgauge_group_delivered_total", where, delivered, with);
  CheckTotal(topic, "streamgauge_group_acknowledged_total", where, delivered, with);
  CheckTotal(topic, "streamgauge_group_lost_total", where, {0, 0}, with);
  for (const std::string& state : FalseVerdicts(group, may_be_rewound_)) {
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
    milliseconds ahead(0);
    for (const auto& clock : ahead_.Between(with.poll_ended - kLongestPoll, with.poll_ended)) {
      ahead = std::max(ahead, clock.state);
    }
    oldest += Seconds(ahead);
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
