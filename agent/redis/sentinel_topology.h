// The primary that Redis' sentinels name. They are asked before every poll, the one that answered
// last first and the others in turn, as Redis' guidelines for clients want it: a primary that was
// demoted, or is cut off from its sentinels, is left at once, also where a connection to it stays
// open. Whether a node is a primary in its own eyes too is found out by whoever reads it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "redis/informant.h"
#include "redis/topology.h"

namespace streamgauge {

class SentinelTopology final : public Topology {
 public:
  // Sentinels have credentials of their own; TLS is that of `login`.
  SentinelTopology(const RedisTargetConfig& config, const NodeLogin& login, ConnectionFactory open);

  Result<View> Look(std::stop_token stop) override;
  Traffic traffic() const override { return informant_.traffic(); }
  std::string_view mode() const override { return "sentinel"; }

 private:
  Result<RedisAddress> Ask(std::stop_token stop);  // the current one
  void Take(RedisAddress primary);

  const std::string master_;
  std::vector<NodeLogin> sentinels_;
  std::uint32_t database_;
  std::size_t current_ = 0;
  Informant informant_;  // the current one
  LayoutRef layout_;     // null before the first answer
};

}  // namespace streamgauge
