#include "preflight/check_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "preflight/wrapped_text.h"
#include "signals/words.h"

namespace streamgauge {
namespace {

constexpr std::size_t kColumns = 100;

std::string BytesWords(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  const auto number = static_cast<double>(bytes);
  return bytes < 1'000'000 ? fmt::format("{:.1f} kB", number / 1e3)
                           : fmt::format("{:.1f} MB", number / 1e6);
}

std::string CostWords(const PollCost& cost) {
  std::string words = Quantity(cost.requests, "request", "requests");
  if (cost.round_trips < cost.requests) {
    words += " in " + Quantity(cost.round_trips, "round trip", "round trips");
  }
  if (cost.received_bytes) words += ", " + BytesWords(*cost.received_bytes) + " received";
  return words + fmt::format(", {:.1f} ms", static_cast<double>(cost.wall.count()) / 1e3);
}

std::string ServerWords(const TargetCheck& check) {
  std::string words = check.version.empty() ? "version not told" : check.version;
  if (!check.mode.empty()) words += ", " + check.mode;
  return words + ", " + Quantity(check.nodes, "node", "nodes");
}

std::string InventoryWords(const Inventory& found) {
  std::string words = Quantity(found.streams, "stream", "streams");
  if (found.partitions > 0) words += ", " + Quantity(found.partitions, "partition", "partitions");
  words += ", " + Quantity(found.groups, "group", "groups");
  if (found.consumers) words += ", " + Quantity(*found.consumers, "consumer", "consumers");
  return words + ": " + Quantity(found.series, "series", "series");
}

// Which key of the target to raise.
std::string_view LimitOf(std::string_view kind) {
  if (kind == "stream") return "max_streams";
  if (kind == "group") return "max_groups";
  if (kind == "consumer") return "max_consumers_per_group";
  return "max_series";
}

std::string SkippedWords(const std::vector<SkippedItems>& skipped) {
  std::string words;
  for (const SkippedItems& one : skipped) {
    if (!words.empty()) words += ", ";
    std::string kind(one.kind);
    std::ranges::replace(kind, '_', ' ');
    words += Quantity(one.count, kind, kind == "series" ? kind : kind + "s");
    words += one.reason == "limit" ? fmt::format(" (limit: {})", LimitOf(one.kind))
                                   : fmt::format(" ({})", one.reason);
  }
  return words;
}

std::string_view ResultWord(const AccessCheck& check) {
  if (check.access == Access::kWorks) return "ok";
  if (check.access == Access::kUntried) return "-";
  return check.need == Need::kTarget ? "FAIL" : "warn";
}

std::string_view AccessWord(Access access) {
  switch (access) {
    case Access::kRefused:
      return "refused";
    case Access::kUnsupported:
      return "the server does not know it";
    case Access::kFailed:
      return "failed";
    default:
      return "";
  }
}

class Text {
 public:
  explicit Text(const TargetCheck& check) : check_(check) {}

  std::string Write() {
    WriteHead();
    WriteFigures();
    for (const AccessCheck& one : check_.access.checks) WriteAccess(one);
    if (check_.inventory && check_.inventory->streams == 0) {
      WriteWrapped("  warn  ", "no stream is watched: see streams and the rights to see them");
    }
    WriteGrants();
    return std::move(text_);
  }

 private:
  void WriteHead() {
    std::string head = fmt::format("{} ({}, {}): ", check_.name, check_.system, check_.address);
    head += check_.Works() ? "works" : "does not work";
    if (const auto warnings = check_.Warnings(); warnings > 0) {
      head += ", " + Quantity(warnings, "warning", "warnings");
    }
    WriteWrapped("", head);
    if (check_.error) {
      const std::string what = check_.access.checks.empty() ? "connect" : "poll";
      WriteWrapped("  FAIL  ", fmt::format("{}: {}: {}", what, ToString(check_.error->reason),
                                           check_.error->message));
    }
  }

  void WriteFigures() {
    if (check_.nodes > 0) WriteWrapped("  server        ", ServerWords(check_));
    if (check_.inventory) WriteWrapped("  would export  ", InventoryWords(*check_.inventory));
    if (!check_.skipped.empty()) WriteWrapped("  left out      ", SkippedWords(check_.skipped));
    if (check_.steady_poll) WriteWrapped("  each poll     ", CostWords(*check_.steady_poll));
    if (check_.first_poll) WriteWrapped("  first poll    ", CostWords(*check_.first_poll));
  }

  void WriteAccess(const AccessCheck& one) {
    std::string line = one.what;
    if (!one.on.empty()) line += " " + one.on;
    if (!one.at.empty()) line += " at " + one.at;
    if (const auto word = AccessWord(one.access); !word.empty()) line += fmt::format(": {}", word);
    if (!one.detail.empty()) line += ": " + one.detail;
    WriteWrapped(fmt::format("  {:<6}", ResultWord(one)), line);
    if (one.access == Access::kWorks) return;
    if (!one.lost.empty()) WriteWrapped("        lost:   ", one.lost);
    if (!one.grant.empty()) text_ += WrappedCommand("        grant:  ", one.grant, kColumns);
  }

  void WriteGrants() {
    const auto refused =
        std::ranges::count(check_.access.checks, Access::kRefused, &AccessCheck::access);
    if (refused < 2) return;
    const std::string* at = nullptr;
    for (const AccessGrant& grant : check_.access.grants) {
      if (at == nullptr || *at != grant.at) {
        const std::string place = grant.at.empty() ? "" : " at " + grant.at;
        WriteWrapped("  ", (at == nullptr ? "all of it is granted" : "and") + place + " by");
      }
      at = &grant.at;
      text_ += WrappedCommand("    ", grant.command, kColumns);
    }
  }

  void WriteWrapped(std::string_view head, std::string_view words) {
    text_ += WrappedText(head, words, kColumns);
  }

  const TargetCheck& check_;
  std::string text_;
};

}  // namespace

std::string TextOf(const TargetCheck& check) { return Text(check).Write(); }

std::string SummaryOf(std::span<const TargetCheck> checks) {
  std::size_t working = 0;
  std::size_t warnings = 0;
  for (const TargetCheck& check : checks) {
    if (check.Works()) ++working;
    warnings += check.Warnings();
  }
  std::string summary = Quantity(checks.size(), "target", "targets");
  summary += fmt::format(": {} would work, {} would not", working, checks.size() - working);
  if (warnings > 0) summary += "; " + Quantity(warnings, "warning", "warnings");
  return summary + "\n";
}

}  // namespace streamgauge
