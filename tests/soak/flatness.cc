#include "soak/flatness.h"

#include <algorithm>

namespace streamgauge::test {

std::size_t Flatness::MedianOf(std::size_t third) const {
  const std::size_t from = samples_.size() * third / 3;
  const std::size_t until = samples_.size() * (third + 1) / 3;
  if (from == until) return 0;
  std::vector<std::size_t> part(samples_.begin() + static_cast<std::ptrdiff_t>(from),
                                samples_.begin() + static_cast<std::ptrdiff_t>(until));
  std::ranges::sort(part);
  return part[part.size() / 2];
}

}  // namespace streamgauge::test
