#include "redis/cluster_topology.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "redis/access_merge.h"
#include "redis/cluster_reply.h"
#include "redis/reply_error.h"
#include "redis/rights.h"

namespace streamgauge {
namespace {

using Clock = std::chrono::steady_clock;

// Nodes that hang must leave time for one that answers.
constexpr std::size_t kAskedInTime = 4;

NodeLogin Impatient(NodeLogin login) {
  login.timeout = ShareOf(login.timeout, kAskedInTime);
  return login;
}

Error NoCluster(Error error) {
  if (error.message.find("cluster support disabled") == std::string::npos) return error;
  return {Reason::kUnsupported, "the server is no cluster node: set mode: standalone"};
}

}  // namespace

ClusterTopology::ClusterTopology(const RedisTargetConfig& config, const NodeLogin& login,
                                 ConnectionFactory open)
    : seeds_(config.addresses),
      login_(Impatient(login)),
      config_(config),
      patience_(login.timeout),
      open_(std::move(open)),
      informant_(open_) {}

Result<Topology::View> ClusterTopology::Look(std::stop_token stop) {
  const auto deadline = Clock::now() + patience_;
  ++looks_;
  std::optional<Error> trouble;
  for (const RedisAddress& node : Candidates()) {
    auto layout = Ask(node, stop);
    if (layout) {
      distrusted_ = false;
      if (!layout_ || *layout_ != *layout) {
        layout_ = std::make_shared<const Layout>(*std::move(layout));
      }
      return View{layout_, {}};
    }
    informant_.Drop();
    if (!trouble) trouble = std::move(layout.error()).In(Describe(node));
    if (stop.stop_requested() || Clock::now() >= deadline) break;
  }
  if (!layout_) return std::unexpected(*std::move(trouble));
  return View{layout_, std::move(trouble)};
}

AccessReport ClusterTopology::TryAccess(const std::stop_token& stop) {
  std::vector<ServerAccess> said;
  for (const RedisAddress& seed : seeds_) {
    NodeLogin login = login_;
    login.address = seed;
    Traffic traffic;
    const auto session = OpenSession(open_, login, traffic, stop);
    if (session) return {};
    said.push_back({Describe(seed), CannotConnect(session.error(), seed, config_.username,
                                                  NeededWords(config_, /*server_major=*/0))});
  }
  AccessReport report = MergeAccess(said, "address");
  report.blocked = true;
  return report;
}

// Whom to ask, in this order; each once, and whoever is not trusted last.
std::vector<RedisAddress> ClusterTopology::Candidates() const {
  std::vector<RedisAddress> nodes;
  const auto add = [&](const RedisAddress& node) {
    const bool last = distrusted_ && node == informant_.node();
    const bool known = std::ranges::find(nodes, node) != nodes.end();
    if (!last && !known) nodes.push_back(node);
  };
  if (informant_.node()) add(*informant_.node());
  if (layout_) std::ranges::for_each(layout_->primaries, add);
  // From another one at every look, so that those that hang do not hide those behind them.
  for (std::size_t i = 0; i < seeds_.size(); ++i) add(seeds_[(looks_ + i) % seeds_.size()]);
  if (distrusted_ && informant_.node()) nodes.push_back(*informant_.node());
  return nodes;
}

Result<Layout> ClusterTopology::Ask(const RedisAddress& node, std::stop_token stop) {
  NodeLogin login = login_;
  login.address = node;
  return informant_.Ask(
      login, Request::kClusterSlots, {"CLUSTER", "SLOTS"},
      [&node](const Reply& reply) -> Result<Layout> {
        if (!reply.IsError()) return ParseClusterSlots(reply, node);
        return std::unexpected(NoCluster(ToError(reply.text(), Request::kClusterSlots, "")));
      },
      stop);
}

}  // namespace streamgauge
