#include "http/page.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <vector>

#include "http/page_style.h"
#include "http/ranked_groups.h"
#include "signals/words.h"

namespace streamgauge {
namespace {

// More rows than anybody reads; the rest is in the API.
constexpr std::size_t kMostGroups = 500;

constexpr std::string_view kUnknown = "<span class=\"quiet\">unknown</span>";
constexpr std::string_view kNone = "<span class=\"quiet\">–</span>";

// REQUIRES: valid UTF-8.
std::string EscapeText(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}
// Of what others named or said: any bytes.
std::string Escape(std::string_view bytes) { return EscapeText(Readable(bytes)); }

std::string Seconds(double seconds) {
  constexpr double kCentury = 100.0 * 365 * 86'400;
  if (std::isinf(seconds) && seconds > 0) return "never";
  if (!(seconds <= kCentury)) return "over 100 years";
  return DurationWords(std::max(seconds, 0.0));
}
std::string SecondsOr(const std::optional<double>& seconds, std::string_view otherwise) {
  return seconds && !std::isnan(*seconds) ? Seconds(*seconds) : std::string(otherwise);
}
// Infinite is a backlog that does not shrink; at another time it may.
std::string Drain(const std::optional<double>& seconds) {
  if (seconds && std::isinf(*seconds) && *seconds > 0) return "not shrinking";
  return SecondsOr(seconds, kUnknown);
}

// The age of the oldest unread message, and how old it may get where somebody has said so.
std::string AgeOf(const std::optional<double>& age, const std::optional<double>& objective) {
  const std::string words = SecondsOr(age, kUnknown);
  if (!objective) return words;
  const bool missed = age && *age > *objective;
  return fmt::format("{}<br><span class=\"{}\">objective {}</span>", words,
                     missed ? "bad" : "quiet", Seconds(*objective));
}

std::string CountOr(const std::optional<std::uint64_t>& count, std::string_view otherwise) {
  return count ? CountWords(*count) : std::string(otherwise);
}

std::string_view ClassOf(GroupState state) {
  switch (state) {
    case GroupState::kLosingData:
    case GroupState::kNoConsumers:
    case GroupState::kStalled:
      return "bad";
    case GroupState::kRewound:
    case GroupState::kFallingBehind:
      return "warn";
    case GroupState::kOk:
      return "good";
    case GroupState::kUnknown:
    case GroupState::kCatchingUp:
      return "quiet";
  }
  return "quiet";
}

// "no_consumers" as words.
std::string StateWords(GroupState state) {
  std::string words(ToString(state));
  std::ranges::replace(words, '_', ' ');
  return words;
}

std::string TargetStatus(const TargetView& target) {
  if (!target.polled) return R"(<span class="state quiet">not polled yet</span>)";
  if (target.up) return R"(<span class="state good">up</span>)";
  return R"(<span class="state bad">down</span>)";
}

std::string LastSuccess(const TargetView& target, WallTime now) {
  if (!target.last_success) return target.polled ? "never" : std::string(kNone);
  return Seconds(ToSeconds(now - *target.last_success)) + " ago";
}

std::string TargetNotes(const TargetView& target) {
  std::string notes;
  if (target.error) {
    notes = fmt::format("{}: {}", ToString(target.error->reason), Escape(target.error->message));
    if (target.report) notes += "; the figures are those of the last success";
  }
  if (!target.report) return notes;
  for (const SkippedItems& skipped : target.report->reading.skipped) {
    notes += fmt::format("{}left out: {} {} ({})", notes.empty() ? "" : "; ", Escape(skipped.kind),
                         CountWords(skipped.count), Escape(skipped.reason));
  }
  return notes;
}

std::string PollTook(const TargetView& target) {
  if (!target.last_duration) return std::string(kNone);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(*target.last_duration).count();
  return milliseconds == 0 ? "&lt; 1 ms" : fmt::format("{} ms", milliseconds);
}

void WriteTarget(const TargetView& target, WallTime now, std::string& page) {
  const Report* report = target.report.get();
  page += fmt::format(
      "<tr><td class=\"name\">{}</td><td>{}</td><td>{}</td><td class=\"number\">{}</td>"
      "<td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>"
      "<td class=\"words\">{}</td></tr>\n",
      Escape(target.name),
      Escape(target.system) + (report == nullptr ? "" : " " + Escape(report->reading.version)),
      TargetStatus(target), LastSuccess(target, now), PollTook(target),
      report == nullptr ? std::string(kNone) : CountWords(ExportedStreams(report->reading)),
      report == nullptr ? std::string(kNone) : CountWords(report->reading.groups.size()),
      TargetNotes(target));
}

void WriteTargets(const BoardView& view, WallTime now, std::string& page) {
  page +=
      "<h2>Targets</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>target</th><th>system</th>"
      "<th>status</th><th class=\"number\">last success</th><th class=\"number\">poll took</th>"
      "<th class=\"number\">streams</th><th class=\"number\">groups</th><th>notes</th></tr>"
      "</thead>\n<tbody>\n";
  for (const TargetViewRef& target : view.targets) WriteTarget(*target, now, page);
  page += "</tbody></table></div>\n";
}

std::string Reason(const RankedGroup& group) {
  if (group.index >= group.report().groups.size()) return "";
  std::string words = ReasonInWords(group.report(), group.index);
  // The state stands in its own column.
  const std::string prefix = std::string(ToString(group.signals().state)) + ": ";
  if (words.starts_with(prefix)) words.erase(0, prefix.size());
  return EscapeText(words);
}

void WriteGroup(const RankedGroup& group, std::string& page) {
  const GroupReading& reading = group.reading();
  const GroupSignals& signals = group.signals();
  page += fmt::format(
      "<tr><td><span class=\"state {}\">{}</span></td><td class=\"name\">{}</td>"
      "<td class=\"name\">{}</td><td class=\"name\">{}</td><td class=\"number\">{}</td>"
      "<td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>"
      "<td class=\"number\">{}</td><td class=\"words\">{}</td></tr>\n",
      ClassOf(signals.state), StateWords(signals.state), Escape(group.target->name),
      Escape(group.stream().name->text()), Escape(reading.name->text()),
      AgeOf(reading.lag_seconds, signals.objective_seconds), CountOr(reading.lag, kUnknown),
      CountOr(reading.pending, kNone), Drain(signals.drain_seconds),
      SecondsOr(signals.headroom_seconds, kUnknown), Reason(group));
}

void WriteGroups(const BoardView& view, std::string& page) {
  const std::vector<RankedGroup> groups = RankGroups(view, [](const RankedGroup&) { return true; });
  page += "<h2>Groups, worst first</h2>\n";
  if (groups.empty()) {
    page += "<p>No group was seen so far.</p>\n";
    return;
  }
  page +=
      "<div class=\"wide\"><table>\n<thead><tr><th>state</th><th>target</th><th>stream</th>"
      "<th>group</th><th class=\"number\">oldest unread</th><th class=\"number\">lag</th>"
      "<th class=\"number\">pending</th><th class=\"number\">drained in</th>"
      "<th class=\"number\">loss in</th><th>why</th></tr></thead>\n<tbody>\n";
  const std::size_t shown = std::min(groups.size(), kMostGroups);
  for (std::size_t i = 0; i < shown; ++i) WriteGroup(groups[i], page);
  page += "</tbody></table></div>\n";
  if (shown < groups.size()) {
    page +=
        fmt::format("<p>{} more groups are in <a href=\"/api/v1/groups\">/api/v1/groups</a>.</p>\n",
                    CountWords(groups.size() - shown));
  }
}

}  // namespace

std::string RenderPage(const BoardView& view, std::string_view version, WallTime now) {
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<title>Streamgauge</title><style>{}</style></head>\n<body>\n"
      "<header><h1>Streamgauge</h1><span class=\"quiet\">{}, as of {:%Y-%m-%d %H:%M:%S} "
      "UTC</span>\n"
      "<nav><a href=\"/metrics\">metrics</a><a href=\"/api/v1/groups\">groups (JSON)</a>"
      "<a href=\"/api/v1/targets\">targets (JSON)</a><a href=\"/-/ready\">readiness</a>"
      "</nav></header>\n<main>\n",
      kPageStyle, Escape(version), fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  WriteTargets(view, now, page);
  WriteGroups(view, page);
  page += "</main>\n</body></html>\n";
  return page;
}

std::string_view PageSecurityPolicy() {
  return "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'none'";
}

}  // namespace streamgauge
