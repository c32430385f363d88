#include "metrics/page_writer.h"

#include <cstring>

namespace streamgauge {
namespace {

// Large enough that a chunk's costs vanish, small enough to stay in a core's cache.
constexpr std::size_t kChunkSize = std::size_t{64} << 10;

}  // namespace

PageWriter::PageWriter(ExpositionFormat format, const Exposition::Sink& sink)
    : format_(format),
      sink_(sink),
      buffer_(std::make_unique_for_overwrite<char[]>(kChunkSize)),
      next_(buffer_.get()),
      end_(buffer_.get() + kChunkSize) {}

void PageWriter::Header(const Metric& metric) {
  const bool open_metrics = format_ == ExpositionFormat::kOpenMetrics;
  const std::string_view name = open_metrics ? FamilyName(metric) : metric.name;
  for (const std::string_view part :
       {std::string_view("# HELP "), name, std::string_view(" "), metric.help,
        std::string_view("\n# TYPE "), name, std::string_view(" "), ToString(metric.type)}) {
    Append(part);
  }
  if (open_metrics && !Unit(metric).empty()) {
    Append("\n# UNIT ");
    Append(name);
    Append(" ");
    Append(Unit(metric));
  }
  Append("\n");
}

void PageWriter::Append(std::string_view text) {
  char* to = Reserve(text.size());
  std::memcpy(to, text.data(), text.size());
  Commit(to + text.size());
}

void PageWriter::Flush() {
  const std::string_view chunk(buffer_.get(), static_cast<std::size_t>(next_ - buffer_.get()));
  if (!stopped_ && !chunk.empty()) stopped_ = !sink_(chunk);
  next_ = buffer_.get();
}

void PageWriter::MakeRoom(std::size_t size) {
  Flush();
  if (static_cast<std::size_t>(end_ - next_) >= size) return;
  // A single line longer than a chunk: a stream's name may have any length.
  buffer_ = std::make_unique_for_overwrite<char[]>(size);
  next_ = buffer_.get();
  end_ = next_ + size;
}

}  // namespace streamgauge
