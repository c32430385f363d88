// Which primaries a target has, and which of them has a stream. Immutable once made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace streamgauge {

struct Layout {
  std::vector<RedisAddress> primaries;  // never empty
  // Of a cluster: for each slot the index of its primary, kNobody where it has none. Otherwise
  // empty: the one primary has everything.
  std::vector<std::uint16_t> owners;
  bool operator==(const Layout&) const = default;

  static constexpr std::uint16_t kNobody = 0xFFFF;

  // The index of the primary that has the key; empty when nobody has.
  std::optional<std::size_t> OwnerOf(std::string_view key) const;
};

using LayoutRef = std::shared_ptr<const Layout>;

}  // namespace streamgauge
