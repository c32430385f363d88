// What a source costs its servers and what it noticed about them: sums since the source was made.
// Written by the source's thread during Poll, read by the poller between polls.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace streamgauge {

struct Telemetry {
  // Requests sent, by kind; the key is a literal ("xinfo_stream", "list_offsets"). What is sent in
  // one pipeline still counts each command; round trips are counted apart.
  std::map<std::string_view, std::uint64_t> requests;
  std::uint64_t round_trips = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t clock_clamps = 0;  // timestamps outside [0, now] that were clamped
  // Re-counts of calibrated lags (Redis, rule 5 as a check on rule 4).
  std::uint64_t verifications_agreed = 0;
  std::uint64_t verifications_differed = 0;
  // Kafka's commit feed against the admin API. Empty: no feed runs.
  std::optional<std::uint64_t> feed_mismatches;
  // Errors that concerned single items while the poll as a whole went on, by Reason label.
  std::map<std::string_view, std::uint64_t> item_errors;
};

}  // namespace streamgauge
