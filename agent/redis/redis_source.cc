#include "redis/redis_source.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "log/log.h"
#include "redis/access_merge.h"
#include "redis/node_reader.h"
#include "redis/poll_merge.h"
#include "redis/rights.h"
#include "redis/topology.h"
#include "redis/watched_streams.h"

namespace streamgauge {
namespace {

using Clock = std::chrono::steady_clock;

// What has not been seen for so many polls is forgotten, sums included.
constexpr std::uint64_t kForgetAfterPolls = 100;

// A node in one poll after the other.
struct Node {
  std::unique_ptr<NodeReader> reader;
  std::uint64_t last_poll = 0;  // that had use for it
  // Of the present poll:
  std::vector<StreamTask> tasks;
  std::optional<Error> failure;
  std::optional<NodeReading> said;
  bool answered = false;
  bool failure_told = false;
  // Of a trial:
  Result<AccessReport> access;
};

// What readers notice about their nodes.
void AddObservations(const Telemetry& of_one, Telemetry& sum) {
  sum.clock_clamps += of_one.clock_clamps;
  sum.verifications_agreed += of_one.verifications_agreed;
  sum.verifications_differed += of_one.verifications_differed;
}

// Calls act(node) for each, side by side: a node that hangs delays nobody else.
template <typename Act>
void SideBySide(const std::vector<Node*>& nodes, Act act) {
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    others.push_back(std::async(std::launch::async, act, std::ref(*nodes[i])));
  }
  if (!nodes.empty()) act(*nodes[0]);
  for (std::future<void>& other : others) other.get();
}

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
        topology_(MakeTopology(config_, login_, open_)),
        streams_(config.max_streams) {}

  Result<Reading> Poll(std::stop_token stop) override;
  const Telemetry& telemetry() const override { return telemetry_; }
  Result<AccessReport> TryAccess(const std::stop_token& stop) override;
  void SetTraced(const TracedGroup* traced) override { traced_ = traced; }

 private:
  Result<Reading> PollNodes(std::stop_token stop);
  AccessReport TryNodes(const std::vector<RedisAddress>& addresses, const std::stop_token& stop);
  void TakeLayout(const LayoutRef& layout);
  Node& NodeAt(const RedisAddress& address);
  void Retire(Node& node);
  void Connect(const std::vector<Node*>& nodes, std::stop_token stop);
  void WarnOfOtherNodes();
  Result<void> Discover(PollMerge& merge, std::stop_token stop);
  void Assign(PollMerge& merge);
  void Read(const std::vector<Node*>& nodes, std::stop_token stop);
  void FollowMoves(PollMerge& merge, std::stop_token stop);
  // Moves what the nodes said into `merge`, and returns the streams that others have.
  std::vector<NodeReading::Moved> Collect(const std::vector<Node*>& nodes, PollMerge& merge);
  std::optional<Error> ErrorOfAll() const;
  void ReportErrors(const ItemErrors& errors);
  void CountCosts();
  void Forget();

  const std::string target_;
  const RedisTargetConfig config_;
  const RedisTimes times_;
  const NodeLogin login_;  // of nodes; the address is put in
  const ConnectionFactory open_;

  const TracedGroup* traced_ = nullptr;
  Telemetry telemetry_;
  Telemetry retired_telemetry_;  // of nodes that are no more
  Traffic retired_traffic_;

  std::uint64_t poll_ = 0;
  const std::unique_ptr<Topology> topology_;
  LayoutRef layout_;
  std::map<std::string, Node> nodes_;  // by address
  std::vector<Node*> primaries_;       // in the layout's order
  std::uint64_t readers_made_ = 0;
  std::atomic<std::uint64_t> next_incarnation_ = 1;
  WatchedStreams streams_;
  bool told_of_cluster_ = false;
  std::set<Reason> reported_;  // trouble with items that the log knows of
};

Result<Reading> RedisSource::Poll(std::stop_token stop) {
  auto reading = PollNodes(stop);
  CountCosts();
  if (reading && poll_ % kForgetAfterPolls == 0) Forget();
  return reading;
}

// Rights are each node's own.
Result<AccessReport> RedisSource::TryAccess(const std::stop_token& stop) {
  AccessReport report = topology_->TryAccess(stop);
  if (report.blocked) return report;
  const auto view = topology_->Look(stop);
  if (!view) return std::unexpected(view.error());
  const AccessReport of_nodes = TryNodes(view->layout->primaries, stop);
  report.checks.insert(report.checks.end(), of_nodes.checks.begin(), of_nodes.checks.end());
  report.grants.insert(report.grants.end(), of_nodes.grants.begin(), of_nodes.grants.end());
  report.blocked = of_nodes.blocked;
  return report;
}

AccessReport RedisSource::TryNodes(const std::vector<RedisAddress>& addresses,
                                   const std::stop_token& stop) {
  std::vector<Node*> nodes;
  for (const RedisAddress& address : addresses) nodes.push_back(&NodeAt(address));
  SideBySide(nodes, [&stop](Node& node) { node.access = node.reader->TryAccess(stop); });
  std::vector<ServerAccess> said;
  bool some = false;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Result<AccessReport>& access = nodes[i]->access;
    some = some || access;
    if (!access) {
      // Of which version the server is, it has not told.
      access = CannotConnect(access.error(), addresses[i], config_.username,
                             NeededWords(config_, /*server_major=*/0));
      access->checks[0].lost = "every stream of this server";
    }
    said.push_back({Describe(addresses[i]), *access});
  }
  AccessReport report = MergeAccess(said, "node");
  report.blocked = !some;
  if (config_.mode != RedisMode::kStandalone) return report;
  for (AccessCheck& check : report.checks) check.at.clear();  // there is no other
  for (AccessGrant& grant : report.grants) grant.at.clear();
  return report;
}

Result<Reading> RedisSource::PollNodes(std::stop_token stop) {
  const auto view = topology_->Look(stop);
  if (!view) return std::unexpected(view.error());
  ++poll_;
  TakeLayout(view->layout);
  PollMerge merge(config_.max_groups);
  if (view->trouble) merge.AddError(*view->trouble);
  Connect(primaries_, stop);
  if (auto error = ErrorOfAll()) return std::unexpected(*std::move(error));
  WarnOfOtherNodes();
  if (auto found = Discover(merge, stop); !found) return std::unexpected(found.error());
  Assign(merge);
  Read(primaries_, stop);
  if (auto error = ErrorOfAll()) return std::unexpected(*std::move(error));
  FollowMoves(merge, stop);

  Reading reading = merge.Take();
  // Of several clocks none is the target's.
  if (!layout_->owners.empty()) reading.time = WallNow();
  reading.mode = topology_->mode();
  reading.nodes = static_cast<std::uint32_t>(
      std::ranges::count_if(nodes_, [](const auto& entry) { return entry.second.answered; }));
  ReportErrors(merge.errors());
  return reading;
}

// Readers of nodes that are no primaries any more go, after a poll in which they were of no use.
void RedisSource::TakeLayout(const LayoutRef& layout) {
  layout_ = layout;
  primaries_.clear();
  for (const RedisAddress& address : layout_->primaries) {
    Node& node = NodeAt(address);
    node.last_poll = poll_;
    primaries_.push_back(&node);
  }
  for (auto at = nodes_.begin(); at != nodes_.end();) {
    Node& node = at->second;
    node.tasks.clear();
    node.failure.reset();
    node.said.reset();
    node.answered = false;
    node.failure_told = false;
    const bool stays = node.last_poll + 1 >= poll_;
    if (!stays) Retire(node);
    at = stays ? std::next(at) : nodes_.erase(at);
  }
}

Node& RedisSource::NodeAt(const RedisAddress& address) {
  Node& node = nodes_[Describe(address)];
  if (node.reader) return node;
  NodeLogin login = login_;
  login.address = address;
  node.reader = std::make_unique<NodeReader>(++readers_made_, /*takes_over=*/poll_ > 1, config_,
                                             times_, login, open_, next_incarnation_);
  return node;
}

void RedisSource::Retire(Node& node) {
  retired_traffic_ += node.reader->traffic();
  AddObservations(node.reader->telemetry(), retired_telemetry_);
}

void RedisSource::Connect(const std::vector<Node*>& nodes, std::stop_token stop) {
  SideBySide(nodes, [stop](Node& node) {
    if (node.failure) return;
    const auto connected = node.reader->Connect(stop);
    if (!connected) node.failure = connected.error();
  });
}

// Nothing that is read would be wrong, and much may be missing without a word.
void RedisSource::WarnOfOtherNodes() {
  const bool partial = primaries_.size() == 1 && primaries_[0]->reader->reads_part_of_cluster();
  if (partial && !told_of_cluster_) {
    log::Warn(
        "redis target {}: {} belongs to a cluster, of which no other node is read: set mode: "
        "cluster",
        target_, Describe(layout_->primaries.at(0)));
  }
  told_of_cluster_ = partial;
}

// An error means that no stream is known, and why.
Result<void> RedisSource::Discover(PollMerge& merge, std::stop_token stop) {
  const auto deadline = Clock::now() + times_.timeout;
  std::vector<FoundNamesRef> found;
  std::optional<Error> error;
  bool some = false;
  for (Node* node : primaries_) {
    const auto left = std::chrono::duration_cast<Duration>(deadline - Clock::now());
    const auto patience = node->failure ? Duration(0) : std::max(left, Duration(0));
    const auto state = node->reader->discovery().Await(patience, stop);
    found.push_back(state.found);
    some = some || state.passed || (!state.error && !state.found->names().empty());
    if (!state.error) continue;
    if (!node->failure) merge.AddError(*state.error);
    if (!error) error = state.error;
  }
  if (!some) {
    return std::unexpected(error.value_or(
        Error{Reason::kTimeout, "discovery: the first SCAN has not found anything yet"}));
  }
  streams_.Take(std::move(found));
  merge.Skip("stream", "limit", streams_.over_limit());
  return {};
}

void RedisSource::Assign(PollMerge& merge) {
  std::uint64_t homeless = 0;
  for (StreamState* stream : streams_.streams()) {
    const auto owner = layout_->OwnerOf(stream->name->text());
    if (owner) {
      primaries_[*owner]->tasks.push_back({stream});
    } else {
      ++homeless;
    }
  }
  merge.Skip("stream", ToString(Reason::kUnavailable), homeless);
}

void RedisSource::Read(const std::vector<Node*>& nodes, std::stop_token stop) {
  SideBySide(nodes, [this, stop](Node& node) {
    if (node.failure) return;
    auto said = node.reader->Read(node.tasks, {.poll = poll_, .traced = traced_}, stop);
    if (said) {
      node.said = *std::move(said);
    } else {
      node.failure = std::move(said.error());
    }
  });
}

// Once: what moves on meanwhile is found by the next poll.
void RedisSource::FollowMoves(PollMerge& merge, std::stop_token stop) {
  const auto moved = Collect(primaries_, merge);
  std::vector<Node*> there;
  for (const NodeReading::Moved& stream : moved) {
    Node& node = NodeAt(stream.redirect.to);
    node.last_poll = poll_;
    node.tasks.push_back({stream.state, stream.redirect.asking});
    if (node.tasks.size() == 1) there.push_back(&node);
    if (!stream.redirect.asking) topology_->Distrust();
  }
  Connect(there, stop);
  Read(there, stop);
  const auto lost = Collect(there, merge);
  merge.Skip("stream", ToString(Reason::kUnavailable), lost.size());
  for (const NodeReading::Moved& stream : lost) {
    merge.AddError({Reason::kUnavailable, std::string(stream.state->name->text()) +
                                              ": one node sends us to another and that one on"});
  }
}

std::vector<NodeReading::Moved> RedisSource::Collect(const std::vector<Node*>& nodes,
                                                     PollMerge& merge) {
  std::vector<NodeReading::Moved> moved;
  for (Node* node : nodes) {
    const auto tasks = std::exchange(node->tasks, {});
    if (node->failure) {
      if (!std::exchange(node->failure_told, true)) merge.AddFailure(*node->failure);
      merge.Skip("stream", ToString(node->failure->reason), tasks.size());
      if (node->reader->is_replica()) topology_->Distrust();
      continue;
    }
    node->answered = true;
    moved.insert(moved.end(), node->said->moved.begin(), node->said->moved.end());
    merge.Add(*std::exchange(node->said, std::nullopt));
  }
  return moved;
}

std::optional<Error> RedisSource::ErrorOfAll() const {
  for (const Node* node : primaries_) {
    if (!node->failure) return std::nullopt;
  }
  return primaries_.front()->failure;
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

void RedisSource::CountCosts() {
  Traffic traffic = retired_traffic_;
  traffic += topology_->traffic();
  telemetry_.clock_clamps = 0;
  telemetry_.verifications_agreed = 0;
  telemetry_.verifications_differed = 0;
  AddObservations(retired_telemetry_, telemetry_);
  for (auto& [address, node] : nodes_) {
    traffic += node.reader->traffic();
    AddObservations(node.reader->telemetry(), telemetry_);
  }
  for (std::size_t i = 0; i < kRequestCount; ++i) {
    if (traffic.requests[i] == 0) continue;
    telemetry_.requests[ToString(static_cast<Request>(i))] = traffic.requests[i];
  }
  telemetry_.round_trips = traffic.round_trips;
  telemetry_.received_bytes = traffic.received_bytes;
}

void RedisSource::Forget() {
  streams_.Forget(poll_ - kForgetAfterPolls);
  for (auto& [address, node] : nodes_) node.reader->Sweep();
}

}  // namespace

std::unique_ptr<Source> MakeRedisSource(const std::string& target, const RedisTargetConfig& config,
                                        const RedisTimes& times, ConnectionFactory open) {
  return std::make_unique<RedisSource>(target, config, times, std::move(open));
}

}  // namespace streamgauge
