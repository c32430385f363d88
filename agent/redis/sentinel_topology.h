// The primary that Redis' sentinels name. They are asked before every poll, the one that answered
// last first and the others in turn, as Redis' guidelines for clients want it: a primary that was
// demoted, or is cut off from its sentinels, is left at once, also where a connection to it stays
// open. Whether a node is a primary in its own eyes too is found out by whoever reads it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "redis/informant.h"
#include "redis/topology.h"

namespace streamgauge {

class SentinelTopology final : public Topology {
 public:
  // Of `login` only the time and the size of replies count: sentinels have credentials of their
  // own.
  SentinelTopology(const RedisTargetConfig& config, const NodeLogin& login, ConnectionFactory open);

  Result<View> Look(std::stop_token stop) override;
  AccessReport TryAccess(const std::stop_token& stop) override;
  Traffic traffic() const override { return informant_.traffic(); }
  std::string_view mode() const override { return "sentinel"; }

 private:
  Result<RedisAddress> Ask(std::stop_token stop);  // the current one
  AccessReport TrySentinel(const NodeLogin& sentinel, const std::stop_token& stop) const;
  void Take(RedisAddress primary);

  const SentinelConfig config_;
  const bool own_tls_;  // they have a section of their own for it
  std::vector<NodeLogin> sentinels_;
  std::uint32_t database_;
  std::size_t current_ = 0;
  const ConnectionFactory open_;
  Informant informant_;  // the current one
  LayoutRef layout_;     // null before the first answer
};

}  // namespace streamgauge
