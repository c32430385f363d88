#pragma once

// Which build this is. Constant for the life of the process; callable from any thread.

#include <string_view>

namespace streamgauge {

// The release, "0.1.0".
std::string_view Version();

// The git commit it was built from, with "-dirty" if the checkout had changes; "unknown" outside
// of a checkout.
std::string_view Revision();

}  // namespace streamgauge
