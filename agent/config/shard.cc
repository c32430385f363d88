#include "config/shard.h"

#include <charconv>

namespace streamgauge {
namespace {

std::uint64_t Fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

// Each round jumps to the next number of buckets at which the key would move; the last jump below
// `buckets` is where it stays.
std::uint32_t JumpHash(std::uint64_t key, std::uint32_t buckets) {
  std::int64_t bucket = 0;
  std::int64_t next = 0;
  while (next < buckets) {
    bucket = next;
    key = key * 2862933555777941757 + 1;
    constexpr double kTwoTo31 = 2147483648.0;
    const double share = kTwoTo31 / static_cast<double>((key >> 33) + 1);
    next = static_cast<std::int64_t>(static_cast<double>(bucket + 1) * share);
  }
  return static_cast<std::uint32_t>(bucket);
}

}  // namespace

bool Shard::Owns(std::string_view name) const { return ShardOf(name, total) == index; }

std::uint32_t ShardOf(std::string_view name, std::uint32_t total) {
  return total <= 1 ? 0 : JumpHash(Fnv1a(name), total);
}

std::optional<std::uint32_t> ParseShardIndex(std::string_view text) {
  const std::size_t hyphen = text.rfind('-');
  if (hyphen == 0) return std::nullopt;  // a negative number, and no name
  if (hyphen != std::string_view::npos) text.remove_prefix(hyphen + 1);
  std::uint32_t index = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, index);
  if (error != std::errc() || rest != end) return std::nullopt;
  return index;
}

}  // namespace streamgauge
