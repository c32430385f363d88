// All primaries of a Redis Cluster and their slots, as one of its nodes tells (CLUSTER SLOTS). The
// same node is asked before every poll as long as it answers and is not found to be out of date;
// then another one that it has told of, and at last the addresses of the configuration.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "redis/informant.h"
#include "redis/topology.h"

namespace streamgauge {

class ClusterTopology final : public Topology {
 public:
  ClusterTopology(const RedisTargetConfig& config, const NodeLogin& login, ConnectionFactory open);

  Result<View> Look(std::stop_token stop) override;
  // Each node that is found is tried by whoever reads it: here only whether anybody tells of them.
  AccessReport TryAccess(const std::stop_token& stop) override;
  void Distrust() override { distrusted_ = true; }
  Traffic traffic() const override { return informant_.traffic(); }
  std::string_view mode() const override { return "cluster"; }

 private:
  std::vector<RedisAddress> Candidates() const;
  Result<Layout> Ask(const RedisAddress& node, std::stop_token stop);

  const std::vector<RedisAddress> seeds_;
  const NodeLogin login_;
  const RedisTargetConfig& config_;  // the source's
  const Duration patience_;          // for all that are asked
  const ConnectionFactory open_;
  Informant informant_;
  bool distrusted_ = false;
  std::size_t looks_ = 0;
  LayoutRef layout_;  // null before the first answer
};

}  // namespace streamgauge
