// A name that a glob matches, to try with what may be done to the names that it stands for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace streamgauge {

// The pattern itself where it is literal; "orders:x" for "orders:*". Empty where none is found.
std::optional<std::string> SampleOf(std::string_view pattern);

// What stands before the first special character, without escapes: "orders:" of "orders:*".
std::string LiteralPrefix(std::string_view pattern);

}  // namespace streamgauge
