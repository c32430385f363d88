#include "signals/rates.h"

#include <limits>

namespace streamgauge {

std::optional<double> DrainSeconds(std::optional<std::uint64_t> backlog,
                                   std::optional<double> finish_rate,
                                   std::optional<double> append_rate) {
  if (!backlog) return std::nullopt;
  if (*backlog == 0) return 0.0;
  if (!finish_rate || !append_rate) return std::nullopt;
  const double shrink_rate = *finish_rate - *append_rate;
  if (shrink_rate <= 0) return std::numeric_limits<double>::infinity();
  return static_cast<double>(*backlog) / shrink_rate;
}

}  // namespace streamgauge
