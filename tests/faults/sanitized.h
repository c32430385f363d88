// Whether this is a build with a sanitizer: then memory says nothing.
#pragma once

namespace streamgauge::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace streamgauge::test
