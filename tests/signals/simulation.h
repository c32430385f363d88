// A stream and a group on it, simulated second by second with every message's time kept, so that
// the truth about lag, ages and losses is exact. Gives the readings that a Redis or a Kafka source
// would give. Used by the scripts of simulation_test.cc.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "model/reading.h"

namespace streamgauge::simulation {

enum class Backbone { kRedis, kKafka };

// One partition: the times at which the messages from `start` on were appended.
struct Log {
  std::int64_t start = 0;
  std::deque<std::int64_t> times;
  std::int64_t end() const { return start + static_cast<std::int64_t>(times.size()); }
  std::int64_t TimeOf(std::int64_t offset) const {
    return times[static_cast<std::size_t>(offset - start)];
  }
};

struct Worker {
  std::int64_t last_attempt = 0;
  std::uint64_t pending = 0;
};

class World {
 public:
  explicit World(Backbone backbone) : backbone_(backbone), logs_(partition_count()) {
    delivered_.resize(partition_count());
  }

  bool kafka() const { return backbone_ == Backbone::kKafka; }
  std::size_t partition_count() const { return kafka() ? 4 : 1; }
  std::int64_t now = 0;  // seconds

  // --- What scripts do.
  void Produce(int count, int only_partition = -1) {
    for (int i = 0; i < count; ++i) {
      const std::size_t p =
          only_partition >= 0 ? static_cast<std::size_t>(only_partition) : next_++ % logs_.size();
      logs_[kafka() ? p : 0].times.push_back(now);
      ++appended_;
    }
  }
  // Reads and finishes up to `count` messages.
  void Consume(std::int64_t count, const std::string& worker = "worker-1",
               int skip_partition = -1) {
    Attempt(worker);
    const auto share = static_cast<std::int64_t>(logs_.size());
    for (std::size_t p = 0; p < logs_.size(); ++p) {
      if (static_cast<int>(p) == skip_partition) continue;
      const std::int64_t taken = std::min((count + share - 1) / share, logs_[p].end() - next(p));
      delivered_[p] = next(p) + taken;
      delivered_total_ += static_cast<std::uint64_t>(taken);
      acknowledged_total_ += static_cast<std::uint64_t>(taken);
    }
  }
  // Redis: reads without finishing. Kafka: what is not committed is not seen.
  void Take(std::int64_t count, const std::string& worker) {
    Attempt(worker);
    if (kafka()) return;
    const std::int64_t taken = std::min(count, logs_[0].end() - next(0));
    delivered_[0] = next(0) + taken;
    delivered_total_ += static_cast<std::uint64_t>(taken);
    pending_ += static_cast<std::uint64_t>(taken);
    workers_[worker].pending += static_cast<std::uint64_t>(taken);
    if (taken > 0) pending_since_ = now;
  }
  void Attempt(const std::string& worker) { workers_[worker].last_attempt = now; }
  // The position goes back by up to `count` messages that are still there.
  void GoBack(std::int64_t count) {
    for (std::size_t p = 0; p < logs_.size(); ++p) {
      if (p == 0) old_place_ = std::max(old_place_, delivered_[p]);
      delivered_[p] = std::max(logs_[p].start, delivered_[p] - count);
    }
  }
  void Join(std::uint32_t members) { members_ = members; }
  // Removes all but the newest `length` of each partition; Kafka in steps of whole segments.
  void TrimToLength(std::size_t length, std::size_t segment = 1) {
    for (Log& log : logs_) {
      while (log.times.size() >= length + segment) Remove(log, segment);
    }
  }
  void TrimOlderThan(std::int64_t seconds, std::size_t segment = 1) {
    for (Log& log : logs_) {
      while (log.times.size() > segment && log.times[segment - 1] < now - seconds) {
        Remove(log, segment);
      }
    }
  }
  void Recreate() {
    for (Log& log : logs_) log = {};
    delivered_.assign(logs_.size(), 0);
    pending_ = 0;
    workers_.clear();
    ++incarnation_;
  }
  std::optional<double> retention_seconds;
  std::int64_t clock_skew = 0;  // of the clock that the readings go by

  // --- The truth.
  std::int64_t lag() const {
    std::int64_t sum = 0;
    for (std::size_t p = 0; p < logs_.size(); ++p) sum += logs_[p].end() - next(p);
    return sum;
  }
  std::uint64_t lost() const { return lost_; }

  // --- What a source would see.
  Reading Poll() {
    Reading reading;
    reading.time = WallTime(std::chrono::seconds(kEpoch + now + clock_skew));
    reading.streams.push_back(Stream());
    reading.groups.push_back(Group());
    return reading;
  }

 private:
  static constexpr std::int64_t kEpoch = 1'700'000'000;

  std::int64_t next(std::size_t p) const { return std::max(delivered_[p], logs_[p].start); }

  void Remove(Log& log, std::size_t count) {
    const auto p = static_cast<std::size_t>(&log - logs_.data());
    log.times.erase(log.times.begin(), log.times.begin() + static_cast<std::ptrdiff_t>(count));
    log.start += static_cast<std::int64_t>(count);
    trimmed_ += count;
    if (delivered_[p] < log.start) {
      lost_ += static_cast<std::uint64_t>(log.start - delivered_[p]);
      delivered_[p] = log.start;
    }
  }

  std::optional<double> AgeOf(std::size_t p) const {
    if (next(p) == logs_[p].end()) return 0.0;
    return std::max<double>(0, static_cast<double>(now + clock_skew - logs_[p].TimeOf(next(p))));
  }

  StreamReading Stream() const {
    StreamReading stream;
    stream.name = stream_name_;
    stream.incarnation = incarnation_;
    stream.appended_total = appended_;
    stream.trimmed_total = trimmed_;
    stream.retention_seconds = retention_seconds;
    for (std::size_t p = 0; kafka() && p < logs_.size(); ++p) {
      stream.partitions.push_back({.partition = static_cast<std::int32_t>(p),
                                   .start_offset = logs_[p].start,
                                   .end_offset = logs_[p].end(),
                                   .stable_offset = logs_[p].end()});
    }
    return stream;
  }

  GroupReading Group() const {
    GroupReading group;
    group.name = group_name_;
    group.incarnation = incarnation_;
    group.lag_source = LagSource::kExact;
    group.lag = static_cast<std::uint64_t>(lag());
    group.lag_seconds = 0;
    for (std::size_t p = 0; p < logs_.size(); ++p) {
      group.lag_seconds = std::max(*group.lag_seconds, *AgeOf(p));
    }
    group.delivered_total = delivered_total_;
    group.acknowledged_total = acknowledged_total_;
    group.lost_total = lost_;
    group.position = Position{};
    for (const std::int64_t offset : delivered_) {
      group.position->major += static_cast<std::uint64_t>(offset);
    }
    group.rewound = delivered_[0] < old_place_;
    kafka() ? AddPartitions(group) : AddConsumers(group);
    return group;
  }

  void AddPartitions(GroupReading& group) const {
    group.members = members_;
    for (std::size_t p = 0; p < logs_.size(); ++p) {
      group.partitions.push_back({.partition = static_cast<std::int32_t>(p),
                                  .committed_offset = delivered_[p],
                                  .lag = logs_[p].end() - next(p),
                                  .lag_seconds = AgeOf(p)});
    }
  }

  void AddConsumers(GroupReading& group) const {
    group.pending = pending_;
    group.headroom_messages = logs_[0].times.size() - *group.lag;
    group.consumer_count = workers_.size();
    group.consumers_listed = true;
    for (const auto& [name, worker] : workers_) {
      group.consumers.push_back({.name = std::make_shared<Name>(NameKind::kConsumer, name),
                                 .pending = worker.pending,
                                 .idle_seconds = static_cast<double>(now - worker.last_attempt)});
    }
  }

  const Backbone backbone_;
  std::vector<Log> logs_;
  std::vector<std::int64_t> delivered_;  // next offset to deliver, per partition
  std::int64_t old_place_ = 0;           // of the first partition, before it went back
  std::size_t next_ = 0;
  std::uint64_t appended_ = 0, trimmed_ = 0, lost_ = 0;
  std::uint64_t delivered_total_ = 0, acknowledged_total_ = 0, pending_ = 0;
  std::int64_t pending_since_ = 0;
  std::uint64_t incarnation_ = 0;
  std::uint32_t members_ = 1;
  std::map<std::string, Worker> workers_;
  NameRef stream_name_ = std::make_shared<Name>(NameKind::kStream, "orders");
  NameRef group_name_ = std::make_shared<Name>(NameKind::kGroup, "billing");
};

}  // namespace streamgauge::simulation
