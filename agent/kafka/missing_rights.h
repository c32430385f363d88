// Rights that a poll found missing on single topics and groups while the rest went on: each is told
// once in the log, with the command that grants it. Owned by the source and used by its thread.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "config/config.h"
#include "model/error.h"

namespace streamgauge::kafka {

class MissingRights {
 public:
  // `config` outlives this.
  MissingRights(std::string target, const KafkaTargetConfig& config);

  // Whether `operation` ("Describe") was refused on the `resource` ("Topic", "Group") of that name;
  // null: it was done. Other errors say nothing about rights. Once done, a new refusal is told.
  void Take(std::string_view operation, std::string_view resource, const std::string& name,
            const Error* error);
  // Logs one line for each operation and resource of which something was refused anew.
  void Tell();

 private:
  using Key = std::pair<std::string_view, std::string_view>;  // operation, resource: literals

  const std::string target_;
  const KafkaTargetConfig& config_;
  std::map<Key, std::set<std::string>> told_;
  std::map<Key, std::set<std::string>> untold_;
};

}  // namespace streamgauge::kafka
