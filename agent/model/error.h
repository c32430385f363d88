// Why something could not be read: a closed code, used as the metric label `reason`, and a sentence
// for the log. The sentence says what we did, on what, what came back and what to try; it never
// holds a secret and never becomes a label value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace streamgauge {

enum class Reason : std::uint8_t {
  kUnavailable,   // no connection, connection lost, server loading
  kTimeout,       // no answer within the target's timeout
  kUnauthorized,  // authentication or a right is missing
  kNotFound,      // the stream, group or topic does not exist (any more)
  kUnsupported,   // the server does not know the request
  kBadReply,      // the answer has a shape that we do not understand
  kWrongType,     // the key exists and is no stream
};
inline constexpr std::size_t kReasonCount = 7;

// The label value of a reason, e.g. "unavailable".
constexpr std::string_view ToString(Reason reason) {
  constexpr std::array<std::string_view, kReasonCount> kNames = {
      "unavailable", "timeout",   "unauthorized", "not_found",
      "unsupported", "bad_reply", "wrong_type"};
  return kNames[static_cast<std::size_t>(reason)];
}

struct Error {
  Reason reason = Reason::kUnavailable;
  std::string message;

  // Adds what was being done, on the way up: "redis target checkout: <message>".
  Error In(std::string_view context) && {
    return Error{reason, std::string(context) + ": " + std::move(message)};
  }
};

template <typename T>
using Result = std::expected<T, Error>;

}  // namespace streamgauge
