// Text for terminals and tickets: broken at spaces, without control characters. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace streamgauge {

// `head` and then `words`, broken where the line would be longer than `columns` and indented as
// wide as `head`. A word that is longer than a line stands alone. Ends with a line end.
std::string WrappedText(std::string_view head, std::string_view words, std::size_t columns);

// The same for a command of a shell, whose lines but the last end with " \".
std::string WrappedCommand(std::string_view head, std::string_view command, std::size_t columns);

}  // namespace streamgauge
