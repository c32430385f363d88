// ${VAR} in configuration values. Replaced after the file was parsed: a variable's content is a
// value and can never become YAML structure.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace streamgauge {

// The value of a variable, or empty when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// This process' own. Reads getenv at every call.
Environment ProcessEnvironment();

// `text` with every ${VAR} replaced; $${ stands for a literal ${. Replaced text is not looked at
// again. On failure, what is wrong, in words that show no value.
std::expected<std::string, std::string> ExpandVariables(std::string_view text,
                                                        const Environment& environment);

}  // namespace streamgauge
