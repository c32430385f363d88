// Commands that are sent in one go, already in the wire format, and what we ask of servers at all:
// everything on the list below only reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace streamgauge {

enum class Request : std::uint8_t {
  kAuth,
  kSelect,
  kClientSetName,
  kInfo,
  kScan,
  kTime,
  kMulti,
  kExec,
  kXinfoStream,
  kXinfoGroups,
  kXinfoConsumers,
  kXpending,
  kXrange,
  kXlen,
  kMemoryUsage,
  kSentinel,
  kClusterSlots,
  kAsking,
};
inline constexpr std::size_t kRequestCount = 18;

// The label value of a request ("xinfo_stream"), and what `ACL SETUSER` must grant for it
// ("+xinfo|stream").
std::string_view ToString(Request request);
std::string_view GrantFor(Request request);

class CommandBatch {
 public:
  // Appends one command. Strings of its reply that are nested deeper than `keep_depth` are dropped.
  void Add(Request request, std::initializer_list<std::string_view> words,
           std::size_t keep_depth = kKeepAll);
  void Clear();

  std::size_t size() const { return commands_.size(); }
  bool empty() const { return commands_.empty(); }
  std::string_view wire() const { return wire_; }
  Request request(std::size_t command) const { return commands_[command].request; }
  std::size_t keep_depth(std::size_t command) const { return commands_[command].keep_depth; }

  static constexpr std::size_t kKeepAll = 100;

 private:
  struct Command {
    Request request;
    std::size_t keep_depth;
  };
  std::vector<Command> commands_;
  std::string wire_;
};

// What was sent and received: sums, owned by whoever owns the connections that count into it.
struct Traffic {
  std::array<std::uint64_t, kRequestCount> requests{};
  std::uint64_t round_trips = 0;  // a batch that was written and its replies waited for
  std::uint64_t received_bytes = 0;

  Traffic& operator+=(const Traffic& other);
};

}  // namespace streamgauge
