// A world in which time runs faster: the same alert rules and the same Alertmanager configuration,
// with every duration in them divided by one factor. Thresholds, comparisons and everything else
// stay as they are, so that what is tested is what is shipped.
#pragma once

#include <string>

namespace streamgauge::test {

// `yaml` with these divided by `factor` (to whole milliseconds, at least one):
// - in rules: `for`, `keep_firing_for`, ranges `[5m]`, offsets `offset 1d`, and the values of
//   thresholds that are times (a name that ends in _seconds);
// - for Alertmanager: `group_wait`, `group_interval`, `repeat_interval`, `resolve_timeout`.
// Throws std::runtime_error at a duration that it cannot read, rather than leave it as it is.
std::string Faster(const std::string& yaml, int factor);

}  // namespace streamgauge::test
