#include "e2e/time_scale.h"

#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <stdexcept>

namespace streamgauge::test {
namespace {

long Milliseconds(const std::string& amount, const std::string& unit) {
  static const std::map<std::string, long> kUnits = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  const auto found = kUnits.find(unit);
  if (found == kUnits.end()) throw std::runtime_error("no duration: " + amount + unit);
  return std::stol(amount) * found->second;
}

std::string Shorter(const std::string& amount, const std::string& unit, int factor) {
  const long whole = Milliseconds(amount, unit);
  if (whole == 0) return "0s";
  const long part = std::max(1L, whole / factor);
  return part % 1000 == 0 ? std::to_string(part / 1000) + "s" : std::to_string(part) + "ms";
}

std::string ReplaceAll(const std::string& text, const std::regex& pattern,
                       const std::function<std::string(const std::smatch&)>& replacement) {
  std::string result;
  std::string::const_iterator from = text.begin();
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    result.append(from, (*it)[0].first);
    result += replacement(*it);
    from = (*it)[0].second;
  }
  return result.append(from, text.end());
}

}  // namespace

std::string Faster(const std::string& yaml, int factor) {
  // What stands before a duration, the duration, what stands behind it.
  static const std::regex kKey(
      R"(((?:for|keep_firing_for|group_wait|group_interval|repeat_interval|resolve_timeout): +))"
      R"((\d+)([a-z]+)($|[ ,}\n]))");
  static const std::regex kRange(R"((\[)(\d+)([a-z]+)(\]))");
  static const std::regex kOffset(R"((\boffset +)(\d+)([a-z]+)($|[^a-z]))");
  static const std::regex kThreshold(R"((name: \w+_seconds\b[^\n]*\n\s*expr: vector\()(\d+)(\)))");

  const auto shorter = [&](const std::smatch& m) {
    return m.str(1) + Shorter(m.str(2), m.str(3), factor) + m.str(4);
  };
  std::string text = yaml;
  for (const auto& pattern : {kKey, kRange, kOffset}) text = ReplaceAll(text, pattern, shorter);
  return ReplaceAll(text, kThreshold, [&](const std::smatch& m) {
    return m.str(1) + std::to_string(std::max(1L, std::stol(m.str(2)) / factor)) + m.str(3);
  });
}

}  // namespace streamgauge::test
