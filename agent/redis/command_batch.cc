#include "redis/command_batch.h"

#include <charconv>

namespace streamgauge {
namespace {

struct RequestNames {
  std::string_view label;
  std::string_view grant;
};
constexpr std::array<RequestNames, kRequestCount> kNames = {{
    {"auth", "+auth"},
    {"select", "+select"},
    {"client_setname", "+client|setname"},
    {"info", "+info"},
    {"scan", "+scan"},
    {"time", "+time"},
    {"multi", "+multi"},
    {"exec", "+exec"},
    {"xinfo_stream", "+xinfo|stream"},
    {"xinfo_groups", "+xinfo|groups"},
    {"xinfo_consumers", "+xinfo|consumers"},
    {"xpending", "+xpending"},
    {"xrange", "+xrange"},
    {"xlen", "+xlen"},
    {"memory_usage", "+memory|usage"},
    {"sentinel_get_master_addr", "+sentinel|get-master-addr-by-name"},
    {"cluster_slots", "+cluster|slots"},
    {"asking", "+asking"},
}};

void AppendNumberLine(char prefix, std::size_t number, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out += prefix;
  out.append(digits, end);
  out += "\r\n";
}

}  // namespace

std::string_view ToString(Request request) {
  return kNames[static_cast<std::size_t>(request)].label;
}

std::string_view GrantFor(Request request) {
  return kNames[static_cast<std::size_t>(request)].grant;
}

void CommandBatch::Add(Request request, std::initializer_list<std::string_view> words,
                       std::size_t keep_depth) {
  AppendNumberLine('*', words.size(), wire_);
  for (const std::string_view word : words) {
    AppendNumberLine('$', word.size(), wire_);
    wire_ += word;
    wire_ += "\r\n";
  }
  commands_.push_back({request, keep_depth});
}

void CommandBatch::Clear() {
  commands_.clear();
  wire_.clear();
}

Traffic& Traffic::operator+=(const Traffic& other) {
  for (std::size_t i = 0; i < kRequestCount; ++i) requests[i] += other.requests[i];
  round_trips += other.round_trips;
  received_bytes += other.received_bytes;
  return *this;
}

}  // namespace streamgauge
