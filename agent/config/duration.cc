#include "config/duration.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace streamgauge {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t millis;
};
// The largest first, as FormatDuration needs it.
constexpr std::array<Unit, 4> kUnits = {{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

}  // namespace

std::optional<Duration> ParseDuration(std::string_view text) {
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || count < 0) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (std::string_view(rest, end) != unit.name) continue;
    if (count > std::numeric_limits<std::int64_t>::max() / unit.millis) return std::nullopt;
    return Duration(count * unit.millis);
  }
  return std::nullopt;
}

std::string FormatDuration(Duration duration) {
  const std::int64_t millis = duration.count();
  if (millis == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (millis % unit.millis == 0) {
      return std::to_string(millis / unit.millis) + std::string(unit.name);
    }
  }
  return std::to_string(millis) + "ms";
}

}  // namespace streamgauge
