#include "http/negotiation.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace streamgauge {
namespace {

struct Preference {
  std::string_view value;    // "text/plain", "gzip", "*"
  std::string_view version;  // of the parameter `version`, or empty
  double quality = 1;
};

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Takes what comes before the next `separator` off the front of `rest`.
std::string_view NextPart(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = Trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// A quality that is no number counts as none at all: what is garbled is not asked for.
double ParseQuality(std::string_view text) {
  double quality = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), quality);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && quality >= 0 ? std::min(quality, 1.0) : 0;
}

Preference ParsePreference(std::string_view text) {
  Preference preference;
  preference.value = NextPart(text, ';');
  while (!text.empty()) {
    std::string_view parameter = NextPart(text, ';');
    const std::string_view name = NextPart(parameter, '=');
    if (EqualsIgnoringCase(name, "q")) preference.quality = ParseQuality(parameter);
    if (EqualsIgnoringCase(name, "version")) preference.version = Trim(parameter);
  }
  return preference;
}

std::vector<Preference> ParsePreferences(std::string_view header) {
  std::vector<Preference> preferences;
  while (!header.empty()) preferences.push_back(ParsePreference(NextPart(header, ',')));
  return preferences;
}

// The highest quality among those that match; empty when none does.
std::optional<double> QualityOf(const std::vector<Preference>& preferences, const auto& matches) {
  std::optional<double> best;
  for (const Preference& preference : preferences) {
    if (matches(preference)) best = std::max(best.value_or(0), preference.quality);
  }
  return best;
}

bool IsOpenMetrics(const Preference& preference) {
  return EqualsIgnoringCase(preference.value, "application/openmetrics-text") &&
         (preference.version.empty() || preference.version == "1.0.0" ||
          preference.version == "0.0.1");
}

bool IsText(const Preference& preference) {
  return EqualsIgnoringCase(preference.value, "text/plain");
}

}  // namespace

ExpositionFormat NegotiateFormat(std::string_view accept) {
  const std::vector<Preference> preferences = ParsePreferences(accept);
  const double open_metrics = QualityOf(preferences, IsOpenMetrics).value_or(0);
  const double text = QualityOf(preferences, IsText).value_or(0);
  return open_metrics > text ? ExpositionFormat::kOpenMetrics : ExpositionFormat::kPrometheusText;
}

bool PrefersGzip(std::string_view accept_encoding) {
  const std::vector<Preference> preferences = ParsePreferences(accept_encoding);
  const auto quality_of = [&preferences](std::string_view coding) {
    return QualityOf(preferences, [coding](const Preference& preference) {
      return EqualsIgnoringCase(preference.value, coding);
    });
  };
  const std::optional<double> any = quality_of("*");
  const double gzip = quality_of("gzip").value_or(any.value_or(0));
  return gzip > 0 && gzip >= quality_of("identity").value_or(0);
}

}  // namespace streamgauge
