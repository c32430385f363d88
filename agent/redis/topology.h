// Which nodes a target has at present: one that is named (standalone), the primary that the
// sentinels name, or all primaries of a cluster. Owned by the source and used by its polling thread
// alone; holds a connection of its own where it has somebody to ask.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

#include "config/config.h"
#include "model/access.h"
#include "model/error.h"
#include "redis/connection.h"
#include "redis/layout.h"

namespace streamgauge {

class Topology {
 public:
  virtual ~Topology() = default;

  struct View {
    LayoutRef layout;  // another one only when something has changed
    // Why nobody could be asked. The layout is then the last one that was heard of: its nodes know
    // themselves whether they are primaries.
    std::optional<Error> trouble;
  };
  // To be called at the start of each poll; one round trip where there is somebody to ask. An error
  // means that no layout has ever been heard of. Takes about the target's timeout at most.
  virtual Result<View> Look(std::stop_token stop) = 0;

  // What the last view said turned out to be out of date: the next one is somebody else's.
  virtual void Distrust() {}

  // Tries whether those who are asked may be asked, all of them. Nothing where nobody is.
  virtual AccessReport TryAccess(const std::stop_token& /*stop*/) { return {}; }

  // What was sent and received for it.
  virtual Traffic traffic() const { return {}; }
  // The label `mode`.
  virtual std::string_view mode() const = 0;
};

// `login` says how to introduce ourselves to nodes; its address does not matter.
std::unique_ptr<Topology> MakeTopology(const RedisTargetConfig& config, const NodeLogin& login,
                                       const ConnectionFactory& open);

}  // namespace streamgauge
