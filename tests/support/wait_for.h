// Waiting for a condition instead of sleeping and hoping.
#pragma once

#include <chrono>
#include <functional>

namespace streamgauge::test {

// Tries `condition` every `pause` until it is true; false when it is not within `deadline`.
// The condition is tried at least once, and once more at the end.
[[nodiscard]] bool WaitFor(const std::function<bool()>& condition,
                           std::chrono::milliseconds deadline,
                           std::chrono::milliseconds pause = std::chrono::milliseconds(10));

}  // namespace streamgauge::test
