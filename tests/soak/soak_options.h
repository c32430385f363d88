// How long a soak takes, and what is expected of it.
#pragma once

#include <chrono>
#include <cstddef>

namespace streamgauge::test {

inline constexpr std::chrono::milliseconds kSoakPollInterval{500};
inline constexpr std::chrono::milliseconds kSoakStaleAfter{2000};

// Memory may grow by so much from the middle third of the time (after the warm-up) to the last.
// Above what allocators leave scattered; a leak of one name for each stream that comes and goes is
// more within minutes.
inline constexpr std::size_t kSoakRssGrowthKib = 2048;
// Of the polls that were due while the server was there. One that is late is still one.
inline constexpr double kSoakLeastPolls = 0.97;

// $SOAK_SECONDS; without it an hour.
std::chrono::seconds SoakDuration();

}  // namespace streamgauge::test
