#include "redis/entry_id.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

namespace streamgauge {
namespace {

bool ParseWhole(std::string_view text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::optional<EntryId> ParseEntryId(std::string_view text) {
  const std::size_t dash = text.find('-');
  EntryId id;
  if (dash == std::string_view::npos || !ParseWhole(text.substr(0, dash), id.ms) ||
      !ParseWhole(text.substr(dash + 1), id.seq)) {
    return std::nullopt;
  }
  return id;
}

std::string ToString(EntryId id) { return std::to_string(id.ms) + '-' + std::to_string(id.seq); }

std::optional<EntryId> Next(EntryId id) {
  if (id == kMaxEntryId) return std::nullopt;
  if (++id.seq == 0) ++id.ms;
  return id;
}

std::optional<EntryId> Previous(EntryId id) {
  if (id == EntryId{}) return std::nullopt;
  if (id.seq-- == 0) --id.ms;
  return id;
}

std::optional<WallTime> TimeOf(EntryId id, WallTime now) {
  constexpr auto kMostMs = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto ms = static_cast<std::int64_t>(std::min(id.ms, kMostMs));
  if (!IsPlausibleTime(ms, now)) return std::nullopt;
  return FromUnixMillis(ms);
}

}  // namespace streamgauge
