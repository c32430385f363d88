#include "signals/rates.h"

#include <limits>

namespace streamgauge {

std::optional<double> DrainSeconds(std::optional<std::uint64_t> backlog,
                                   std::optional<double> finish_rate,
                                   std::optional<double> append_rate, Trace* trace) {
  if (!backlog) {
    TellFigure(trace, "drain_seconds", "unknown, as the backlog is");
    return std::nullopt;
  }
  if (*backlog == 0) {
    TellFigure(trace, "drain_seconds", "0: nothing is left");
    return 0.0;
  }
  if (!finish_rate || !append_rate) {
    TellFigure(trace, "drain_seconds", "unknown, as one of the rates is");
    return std::nullopt;
  }
  const double shrink_rate = *finish_rate - *append_rate;
  if (shrink_rate <= 0) {
    TellFigure(trace, "drain_seconds", "+Inf: finished {}/s, appended {}/s: no shrinking",
               Shown(*finish_rate), Shown(*append_rate));
    return std::numeric_limits<double>::infinity();
  }
  const double seconds = static_cast<double>(*backlog) / shrink_rate;
  TellFigure(trace, "drain_seconds", "{} = {} / ({} - {})", Shown(seconds), *backlog,
             Shown(*finish_rate), Shown(*append_rate));
  return seconds;
}

}  // namespace streamgauge
