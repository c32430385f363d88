#include "redis/topology.h"

#include "redis/cluster_topology.h"
#include "redis/sentinel_topology.h"

namespace streamgauge {
namespace {

class OneNode final : public Topology {
 public:
  explicit OneNode(const RedisAddress& address)
      : layout_(std::make_shared<const Layout>(Layout{{address}, {}})) {}

  Result<View> Look(std::stop_token) override { return View{layout_, {}}; }
  std::string_view mode() const override { return "standalone"; }

 private:
  LayoutRef layout_;
};

}  // namespace

std::unique_ptr<Topology> MakeTopology(const RedisTargetConfig& config, const NodeLogin& login,
                                       const ConnectionFactory& open) {
  switch (config.mode) {
    case RedisMode::kSentinel:
      return std::make_unique<SentinelTopology>(config, login, open);
    case RedisMode::kCluster:
      return std::make_unique<ClusterTopology>(config, login, open);
    case RedisMode::kStandalone:
      break;
  }
  return std::make_unique<OneNode>(config.addresses.at(0));
}

}  // namespace streamgauge
