#include "config/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace streamgauge {
namespace {

bool IsVariableName(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  return !name.empty() && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    // Nothing in the agent writes the environment, hence reading it is safe from any thread.
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::expected<std::string, std::string> ExpandVariables(std::string_view text,
                                                        const Environment& environment) {
  std::string result;
  while (!text.empty()) {
    if (text.starts_with("$${")) {
      result += "${";
      text.remove_prefix(3);
      continue;
    }
    if (!text.starts_with("${")) {
      result += text[0];
      text.remove_prefix(1);
      continue;
    }
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) {
      return std::unexpected("a ${ has no closing } (write $${ for a literal ${)");
    }
    const std::string name(text.substr(2, end - 2));
    if (!IsVariableName(name)) {
      return std::unexpected(
          "a ${...} does not hold the name of a variable (write $${ for a literal ${)");
    }
    const std::optional<std::string> value = environment(name);
    if (!value) {
      return std::unexpected(fmt::format("the environment variable {} is not set", name));
    }
    result += *value;
    text.remove_prefix(end + 1);
  }
  return result;
}

}  // namespace streamgauge
