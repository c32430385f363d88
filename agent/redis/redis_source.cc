#include "redis/redis_source.h"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "log/log.h"
#include "redis/detail_phase.h"
#include "redis/discovery.h"
#include "redis/explanation.h"
#include "redis/handshake.h"
#include "redis/lag_count.h"
#include "redis/pipeline.h"
#include "redis/poll_work.h"
#include "redis/reading_builder.h"
#include "redis/rights.h"
#include "redis/snapshot_phase.h"

namespace streamgauge {
namespace {

// Where INFO is of use: entries-added and entries-read, which it guards, came with Redis 7.
constexpr int kFirstMajorWithCounters = 7;
// What has not been seen for so many polls is forgotten, sums included.
constexpr std::uint64_t kForgetAfterPolls = 100;
// A stream whose reply was too large to be read is looked at in whole only after so many polls.
constexpr std::uint32_t kLightPollsAfterOversize = 360;

class RedisSource final : public Source {
 public:
  RedisSource(const std::string& target, const RedisTargetConfig& config, const RedisTimes& times,
              ConnectionFactory open)
      : target_(target),
        config_(config),
        times_(times),
        login_{.address = config.addresses.at(0),
               .username = config.username,
               .password = config.password,
               .tls = config.tls,
               .timeout = times.timeout},
        open_(std::move(open)),
        discovery_(config, login_, open_) {}

  Result<Reading> Poll(std::stop_token stop) override;
  const Telemetry& telemetry() const override { return telemetry_; }
  Result<AccessReport> TryAccess(const std::stop_token& stop) override;
  void SetTraced(const TracedGroup* traced) override { traced_ = traced; }

 private:
  Result<void> Connect(std::stop_token stop);
  void Watch(const Discovery::State& found);
  Result<Reading> ReadAll(const Discovery::State& found, std::stop_token stop);
  // `major` is that of the server, 0 when unknown.
  Result<void> TakeSnapshots(Pipeline& pipeline, PollWork& work, int major);
  PollLimits LimitsFrom(SteadyTime now) const;
  Result<void> KnowLags(Pipeline& pipeline, PollWork& work);
  void MarkGone(const PollWork& work);
  static void SpareOversized(const PollWork& work, const Error& error);
  static std::optional<Error> ErrorOfAll(const PollWork& work);
  void ReportErrors(const ItemErrors& errors);
  void CountTraffic();
  void Forget();

  const std::string target_;
  const RedisTargetConfig config_;
  const RedisTimes times_;
  const NodeLogin login_;
  const ConnectionFactory open_;

  const TracedGroup* traced_ = nullptr;
  Telemetry telemetry_;
  Traffic traffic_;  // of the polling connection; must outlive the session
  std::optional<Session> session_;
  Discovery discovery_;
  Traffic discovery_traffic_;  // as of the last poll

  std::uint64_t poll_ = 0;
  PollTurns turns_;                    // where the next poll begins
  std::optional<WallTime> last_time_;  // the server's, at the last poll
  std::uint64_t next_incarnation_ = 1;
  NameTable stream_names_{NameKind::kStream};
  NameTable group_names_{NameKind::kGroup};
  NameTable consumer_names_{NameKind::kConsumer};
  std::map<std::string, StreamState, std::less<>> streams_;
  std::vector<StreamState*> watched_;
  std::uint64_t watched_version_ = 0;

  std::string run_id_;  // of the server's process that `counts_` are of
  Epochs epochs_;
  std::optional<CommandCounts> counts_;  // read ahead of the last poll's snapshots
  std::set<Reason> reported_;            // trouble with items that the log knows of
};

Result<Reading> RedisSource::Poll(std::stop_token stop) {
  const auto connected = Connect(stop);
  CountTraffic();
  if (!connected) return std::unexpected(connected.error());
  const Discovery::State found = discovery_.Await(times_.timeout, stop);
  discovery_traffic_ = found.traffic;
  if (!found.passed && (found.error || found.names->empty())) {
    CountTraffic();
    return std::unexpected(found.error.value_or(
        Error{Reason::kTimeout, "discovery: the first SCAN has not found anything yet"}));
  }
  auto reading = ReadAll(found, stop);
  CountTraffic();
  if (reading && poll_ % kForgetAfterPolls == 0) Forget();
  return reading;
}

// Over a connection of its own, and not of the database: whether it may be selected is tried too.
Result<AccessReport> RedisSource::TryAccess(const std::stop_token& stop) {
  NodeLogin login = login_;
  login.address.database = 0;
  Traffic traffic;
  const auto session = OpenSession(open_, login, traffic, stop);
  if (!session) return std::unexpected(session.error());
  discovery_.Start();
  const Discovery::State found = discovery_.Await(times_.timeout, stop);
  return TryRights(
      *session->connection,
      {.config = config_, .names = *found.names, .server_major = session->server.major}, stop);
}

Result<void> RedisSource::Connect(std::stop_token stop) {
  if (session_ && !session_->connection->HasEnded()) return {};
  session_.reset();
  auto session = OpenSession(open_, login_, traffic_, stop);
  if (!session) return std::unexpected(session.error());
  session_ = std::move(*session);
  // Another server, or one that has restarted: its counts compare with nothing. Those of the same
  // process tell as well what happened while we were away.
  if (session_->server.run_id.empty() || session_->server.run_id != run_id_) counts_.reset();
  run_id_ = session_->server.run_id;
  discovery_.Start();
  return {};
}

void RedisSource::Watch(const Discovery::State& found) {
  if (found.version == watched_version_) return;
  watched_version_ = found.version;
  watched_.clear();
  for (const std::string& name : *found.names) {
    StreamState& stream = streams_[name];
    if (!stream.name) stream.name = stream_names_.Intern(name);
    watched_.push_back(&stream);
  }
}

Result<Reading> RedisSource::ReadAll(const Discovery::State& found, std::stop_token stop) {
  Watch(found);
  // Given back at the end: a poll that fails, or throws, leaves answers behind, which the next one
  // would take for its own.
  Session session = std::exchange(session_, std::nullopt).value();
  PollWork work;
  work.number = ++poll_;
  work.limits = LimitsFrom(std::chrono::steady_clock::now());
  work.turns = turns_;
  work.trims_references = session.server.trims_references;
  work.streams.resize(watched_.size());
  for (std::size_t i = 0; i < watched_.size(); ++i) work.streams[i].state = watched_[i];
  if (found.error) work.errors.Note(*found.error);

  Pipeline pipeline(*session.connection, stop);
  const auto snapshots = TakeSnapshots(pipeline, work, session.server.major);
  if (!snapshots) return std::unexpected(snapshots.error());
  const auto lags = KnowLags(pipeline, work);
  if (!lags) return std::unexpected(lags.error());

  turns_ = work.turns;
  last_time_ = work.time;
  Reading reading = BuildReading(work, epochs_, telemetry_);
  reading.version = session.server.version;
  if (found.over_limit > 0) reading.skipped.push_back({"stream", "limit", found.over_limit});
  ReportErrors(work.errors);
  session_ = std::move(session);
  return reading;
}

Result<void> RedisSource::TakeSnapshots(Pipeline& pipeline, PollWork& work, int major) {
  SnapshotPhase phase({.groups = &config_.groups,
                       .max_groups = config_.max_groups,
                       .command_counts = major == 0 || major >= kFirstMajorWithCounters},
                      group_names_, next_incarnation_);
  const auto taken = phase.Run(pipeline, work);
  if (!taken) {
    SpareOversized(work, taken.error());
    return taken;
  }
  if (work.errors.whole_server()) return std::unexpected(*work.errors.whole_server());
  MarkGone(work);
  if (!work.time) {
    return std::unexpected(
        work.time_error.value_or(Error{Reason::kBadReply, "the server did not tell the time"}));
  }
  if (last_time_)
    work.since_last_poll = std::chrono::duration_cast<Duration>(*work.time - *last_time_);
  if (auto error = ErrorOfAll(work)) return std::unexpected(std::move(*error));
  return {};
}

// Half of the time is for the snapshots, so that there is some for the details of what was seen.
PollLimits RedisSource::LimitsFrom(SteadyTime now) const {
  return {.snapshots = now + times_.poll_budget / 2, .everything = now + times_.poll_budget};
}

Result<void> RedisSource::KnowLags(Pipeline& pipeline, PollWork& work) {
  epochs_ = Advance(epochs_, counts_, work.counts_after);
  counts_ = work.counts_before;
  for (GroupWork& group : work.groups) {
    group.moment.epochs = epochs_;
    BeginTrace(traced_, work, group);
    group.lag = group.state->lag.Observe(group.moment, group.trace);
  }
  DetailPhase details({.max_consumers_per_group = config_.max_consumers_per_group,
                       .stream_bytes = config_.stream_bytes},
                      consumer_names_);
  const auto asked = details.Run(pipeline, work);
  if (!asked) return asked;
  return LagCounting(config_.count_limit, telemetry_).Run(pipeline, work);
}

void RedisSource::MarkGone(const PollWork& work) {
  for (const StreamWork& stream : work.streams) {
    if (!stream.error) continue;
    const Reason reason = stream.error->reason;
    if (reason == Reason::kNotFound || reason == Reason::kWrongType) stream.state->gone = true;
  }
}

// Replies come in order: the first stream without one is the one whose reply could not be read.
void RedisSource::SpareOversized(const PollWork& work, const Error& error) {
  if (error.reason != Reason::kBadReply) return;
  for (const StreamWork& stream : work.streams) {
    if (stream.facts || stream.error) continue;
    stream.state->light_polls = kLightPollsAfterOversize;
    return;
  }
}

// The error to report for the target when no stream could be read for a reason that is not the
// streams' own.
std::optional<Error> RedisSource::ErrorOfAll(const PollWork& work) {
  std::optional<Error> error;
  for (const StreamWork& stream : work.streams) {
    if (stream.facts) return std::nullopt;
    if (!stream.error) continue;
    const Reason reason = stream.error->reason;
    if (reason == Reason::kNotFound || reason == Reason::kWrongType) continue;
    if (!error) error = stream.error;
  }
  return error;
}

// Logged when a kind of trouble begins, not at every poll.
void RedisSource::ReportErrors(const ItemErrors& errors) {
  std::set<Reason> present;
  for (const auto& [reason, tally] : errors.tallies()) {
    telemetry_.item_errors[ToString(reason)] += tally.count;
    present.insert(reason);
    if (reported_.contains(reason)) continue;
    constexpr std::string_view kFormat =
        "redis target {}: {} of this poll's questions were not answered ({}), e.g. {}";
    // Streams come and go: that alone is no reason to worry.
    if (reason == Reason::kNotFound) {
      log::Info(kFormat, target_, tally.count, ToString(reason), tally.example);
    } else {
      log::Warn(kFormat, target_, tally.count, ToString(reason), tally.example);
    }
  }
  reported_ = std::move(present);
}

void RedisSource::CountTraffic() {
  Traffic sum = traffic_;
  sum += discovery_traffic_;
  for (std::size_t i = 0; i < kRequestCount; ++i) {
    if (sum.requests[i] == 0) continue;
    telemetry_.requests[ToString(static_cast<Request>(i))] = sum.requests[i];
  }
  telemetry_.round_trips = sum.round_trips;
  telemetry_.received_bytes = sum.received_bytes;
}

void RedisSource::Forget() {
  const auto old = [this](std::uint64_t last_poll) {
    return last_poll + kForgetAfterPolls < poll_;
  };
  const std::set<const StreamState*> watched(watched_.begin(), watched_.end());
  for (auto at = streams_.begin(); at != streams_.end();) {
    StreamState& stream = at->second;
    std::erase_if(stream.groups, [&](const auto& item) { return old(item.second.last_poll); });
    at = !watched.contains(&stream) && old(stream.last_poll) ? streams_.erase(at) : std::next(at);
  }
  stream_names_.Sweep();
  group_names_.Sweep();
  consumer_names_.Sweep();
}

}  // namespace

std::unique_ptr<Source> MakeRedisSource(const std::string& target, const RedisTargetConfig& config,
                                        const RedisTimes& times, ConnectionFactory open) {
  return std::make_unique<RedisSource>(target, config, times, std::move(open));
}

}  // namespace streamgauge
