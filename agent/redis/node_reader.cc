#include "redis/node_reader.h"

#include <chrono>
#include <utility>

#include "redis/detail_phase.h"
#include "redis/explanation.h"
#include "redis/lag_count.h"
#include "redis/pipeline.h"
#include "redis/reading_builder.h"
#include "redis/rights.h"
#include "redis/snapshot_phase.h"

namespace streamgauge {
namespace {

// Where the command statistics are of use: entries-added and entries-read, which they guard, came
// with Redis 7.
constexpr int kFirstMajorWithCounters = 7;
// A stream of which a reply was too large to be read is looked at as before only after so many
// polls.
constexpr std::uint32_t kSparedPolls = 360;

bool IsGone(const Error& error) {
  return error.reason == Reason::kNotFound || error.reason == Reason::kWrongType;
}

void MarkGone(const PollWork& work) {
  for (const StreamWork& stream : work.streams) {
    if (stream.error && IsGone(*stream.error)) stream.state->gone = true;
  }
}

// Where a reply could not be read, most likely it was too large. The stream that it was about is
// spared for a while: its payloads first, and if that is not enough, as of one with 200,000
// groups, all of it. Nothing else may be hidden by it for longer than a poll.
Error Spare(PollWork& work, std::optional<std::uint32_t> unanswered, Error error) {
  if (error.reason != Reason::kBadReply || !unanswered) return error;
  const StreamWork& stream = work.streams[*unanswered];
  (stream.light ? stream.state->left_out_polls : stream.state->light_polls) = kSparedPolls;
  return std::move(error).In("stream " + std::string(stream.state->name->text()));
}

// The error to report for the node when no stream could be read for a reason that is not the
// streams' own.
std::optional<Error> ErrorOfAll(const PollWork& work) {
  std::optional<Error> error;
  for (const StreamWork& stream : work.streams) {
    if (stream.facts || stream.redirect) return std::nullopt;
    if (stream.error && !IsGone(*stream.error) && !error) error = stream.error;
  }
  return error;
}

std::vector<NodeReading::Moved> MovedStreams(const PollWork& work) {
  std::vector<NodeReading::Moved> moved;
  for (const StreamWork& stream : work.streams) {
    if (stream.redirect) moved.push_back({stream.state, *stream.redirect});
  }
  return moved;
}

// A sentinel holds no streams, and refuses every question with other words.
Result<Session> OpenDataSession(const ConnectionFactory& open, const NodeLogin& login,
                                Traffic& traffic, std::stop_token stop) {
  auto session = OpenSession(open, login, traffic, stop);
  if (!session || session->server.mode != "sentinel") return session;
  return std::unexpected(
      Error{Reason::kUnsupported,
            Describe(login.address) + " is a sentinel: set mode: sentinel, and sentinel.master"});
}

bool IsPartOfCluster(const RedisTargetConfig& config, const ServerIdentity& server) {
  return config.mode == RedisMode::kStandalone && server.mode == "cluster";
}

}  // namespace

NodeReader::NodeReader(std::uint64_t number, bool takes_over, const RedisTargetConfig& config,
                       const RedisTimes& times, const NodeLogin& login,
                       const ConnectionFactory& open, std::atomic<std::uint64_t>& next_incarnation)
    : number_(number),
      config_(config),
      times_(times),
      login_(login),
      open_(open),
      next_incarnation_(next_incarnation),
      discovery_(config, login, open),
      takes_over_(takes_over) {}

Result<void> NodeReader::Connect(std::stop_token stop) {
  if (session_ && !session_->connection->HasEnded()) return {};
  session_.reset();
  auto session = OpenDataSession(open_, login_, traffic_, stop);
  if (!session) return std::unexpected(session.error());
  session_ = std::move(*session);
  // Another server, or one that has restarted: its counts compare with nothing. Those of the same
  // process tell as well what happened while we were away.
  if (session_->server.run_id.empty() || session_->server.run_id != run_id_) counts_ = {};
  run_id_ = session_->server.run_id;
  discovery_.Start();
  return {};
}

Result<NodeReading> NodeReader::Read(const std::vector<StreamTask>& streams, const Turn& turn,
                                     std::stop_token stop) {
  // Given back at the end: a poll that fails, or throws, leaves answers behind, which the next one
  // would take for its own.
  Session session = std::exchange(session_, std::nullopt).value();
  PollWork work = Prepare(streams, turn.poll);
  work.trims_references = session.server.trims_references;

  Pipeline pipeline(*session.connection, stop);
  const auto snapshots = TakeSnapshots(pipeline, work, session.server.major);
  if (!snapshots) {
    return std::unexpected(Spare(work, pipeline.unanswered(), snapshots.error()));
  }
  const auto lags = KnowLags(pipeline, work, turn.traced);
  if (!lags) return std::unexpected(Spare(work, pipeline.unanswered(), lags.error()));

  turns_ = work.turns;
  last_time_ = work.time;
  NodeReading result{.reading = BuildReading(work, epochs_, telemetry_),
                     .errors = std::move(work.errors),
                     .moved = MovedStreams(work)};
  result.reading.version = session.server.version;
  session_ = std::move(session);
  return result;
}

PollWork NodeReader::Prepare(const std::vector<StreamTask>& streams, std::uint64_t poll) const {
  PollWork work;
  work.number = poll;
  work.limits = LimitsFrom(std::chrono::steady_clock::now());
  work.turns = turns_;
  if (config_.mode == RedisMode::kCluster) work.errors.ExpectMoves();
  work.streams.resize(streams.size());
  for (std::size_t i = 0; i < streams.size(); ++i) {
    work.streams[i].state = streams[i].state;
    work.streams[i].asking = streams[i].asking;
  }
  return work;
}

Result<void> NodeReader::TakeSnapshots(Pipeline& pipeline, PollWork& work, int major) {
  const bool in_cluster = config_.mode == RedisMode::kCluster;
  SnapshotPhase phase({.groups = &config_.groups,
                       .max_groups = config_.max_groups,
                       .server = number_,
                       .command_counts = major == 0 || major >= kFirstMajorWithCounters,
                       .redirected_from = in_cluster ? &login_.address : nullptr},
                      group_names_, next_incarnation_);
  const auto taken = phase.Run(pipeline, work);
  if (!taken) return taken;
  if (auto role = CheckRole(work); !role) return role;
  if (work.errors.whole_server()) return std::unexpected(*work.errors.whole_server());
  MarkGone(work);
  if (takes_over_ && !in_charge_since_) in_charge_since_ = work.time;
  if (!work.time) {
    return std::unexpected(
        work.time_error.value_or(Error{Reason::kBadReply, "the server did not tell the time"}));
  }
  if (last_time_)
    work.since_last_poll = std::chrono::duration_cast<Duration>(*work.time - *last_time_);
  if (auto error = ErrorOfAll(work)) return std::unexpected(std::move(*error));
  return {};
}

// What a replica says may be old, and it does not know when consumers last asked.
Result<void> NodeReader::CheckRole(const PollWork& work) {
  is_replica_ = work.primary == false;
  if (is_replica_) {
    takes_over_ = true;  // as soon as it is none
    in_charge_since_.reset();
    const std::string what = Describe(login_.address) + " is a replica (" + work.replica_of + ")";
    if (config_.mode != RedisMode::kStandalone) {
      return std::unexpected(Error{Reason::kUnavailable, what + ": a failover is under way"});
    }
    return std::unexpected(
        Error{Reason::kUnsupported,
              what + ", and what it says may be old: give the address of its primary"});
  }
  if (!work.primary && config_.mode == RedisMode::kSentinel) {
    return std::unexpected(
        Error{Reason::kUnauthorized,
              Describe(login_.address) + " does not tell whether it is the primary: grant +info"});
  }
  return {};
}

// Half of the time is for the snapshots, so that there is some for the details of what was seen.
PollLimits NodeReader::LimitsFrom(SteadyTime now) const {
  return {.snapshots = now + times_.poll_budget / 2, .everything = now + times_.poll_budget};
}

Result<void> NodeReader::KnowLags(Pipeline& pipeline, PollWork& work, const TracedGroup* traced) {
  epochs_ = Advance(epochs_, counts_, work.counts);
  counts_ = std::move(work.counts);
  for (GroupWork& group : work.groups) {
    group.moment.epochs = epochs_;
    BeginTrace(traced, work, group);
    group.lag = group.state->lag.Observe(group.moment, group.trace);
  }
  DetailPhase details({.max_consumers_per_group = config_.max_consumers_per_group,
                       .stream_bytes = config_.stream_bytes,
                       .in_charge_since = in_charge_since_},
                      consumer_names_);
  const auto asked = details.Run(pipeline, work);
  if (!asked) return asked;
  return LagCounting(config_.count_limit, telemetry_).Run(pipeline, work);
}

Result<AccessReport> NodeReader::TryAccess(const std::stop_token& stop) {
  NodeLogin login = login_;
  login.address.database = 0;
  Traffic traffic;
  const auto session = OpenDataSession(open_, login, traffic, stop);
  if (!session) return std::unexpected(session.error());
  discovery_.Start();
  const FoundNamesRef found = discovery_.Await(times_.timeout, stop).found;
  const std::vector<std::string> names(found->names().begin(), found->names().end());
  auto report =
      TryRights(*session->connection,
                {.config = config_, .names = names, .server_major = session->server.major}, stop);
  if (report && IsPartOfCluster(config_, session->server)) {
    report->checks.push_back({.what = "read",
                              .on = "all nodes",
                              .need = Need::kFigures,
                              .access = Access::kFailed,
                              .detail = "the server belongs to a cluster: set mode: cluster",
                              .lost = "the streams of its other nodes",
                              .grant = ""});
  }
  return report;
}

bool NodeReader::reads_part_of_cluster() const {
  return session_ && IsPartOfCluster(config_, session_->server);
}

Traffic NodeReader::traffic() {
  Traffic sum = traffic_;
  sum += discovery_.traffic();
  return sum;
}

void NodeReader::Sweep() {
  group_names_.Sweep();
  consumer_names_.Sweep();
}

}  // namespace streamgauge
