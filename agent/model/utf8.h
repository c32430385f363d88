// Telling valid UTF-8 from arbitrary bytes: Redis keys and servers' messages are the latter.
#pragma once

#include <cstddef>
#include <string_view>

namespace streamgauge {

// Length of the valid UTF-8 sequence at the start of `s` (1 to 4), or 0 if there is none.
// Overlong forms, surrogates and code points above U+10FFFF are invalid (RFC 3629, section 4).
// REQUIRES: !s.empty()
std::size_t Utf8SequenceLength(std::string_view s);

}  // namespace streamgauge
