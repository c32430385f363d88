// The page /metrics: puts a board view and the agent's own metrics into the Prometheus text format
// or OpenMetrics. The bulk is written from label fragments that streams, groups and consumers carry
// (model/name.h) and std::to_chars, piece by piece into a sink: no text per series is kept, and a
// page of 50 MB is never held. Thread-safe: any number of scrapes at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "metrics/agent_metrics.h"
#include "model/board.h"

namespace streamgauge {

enum class ExpositionFormat : std::uint8_t { kPrometheusText, kOpenMetrics };

// The value of the Content-Type header.
std::string_view ContentType(ExpositionFormat format);

// A page compressed by gzip (zlib level 1), in two gzip members to be sent one after the other:
// what the targets show is made once per version of the board and shared by all scrapes, the
// agent's own metrics are of this moment.
struct GzipPage {
  std::shared_ptr<const std::string> targets;
  std::string agent;
};

class Exposition {
 public:
  // Takes a chunk of the page; returns false to stop (the client went away).
  using Sink = std::function<bool(std::string_view chunk)>;

  // Both must outlive this.
  Exposition(const Board& board, AgentMetrics& agent_metrics);
  ~Exposition();

  // Writes the whole page in chunks of about 64 KiB. False when the sink stopped it.
  bool Write(ExpositionFormat format, const Sink& sink);

  // The whole page, compressed.
  GzipPage Gzip(ExpositionFormat format);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace streamgauge
