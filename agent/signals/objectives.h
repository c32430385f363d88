// Which configured objective applies to a group: the first whose globs match.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace streamgauge {

class Objectives {
 public:
  Objectives() = default;
  // Keeps those that can match `target`.
  Objectives(std::string_view target, std::vector<Objective> all);

  // How old, in seconds, an unread message of the group may get; absent when nothing matches.
  std::optional<double> For(std::string_view stream, std::string_view group) const;

 private:
  std::vector<Objective> objectives_;
};

}  // namespace streamgauge
