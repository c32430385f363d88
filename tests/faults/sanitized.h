// Whether this is a build with a sanitizer: then memory says nothing, and everything takes longer.
#pragma once

namespace streamgauge::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// Intervals, time-outs and delays are so many times as long there. Deadlines stay.
inline constexpr int kSlowdown = kSanitized ? 2 : 1;

}  // namespace streamgauge::test
