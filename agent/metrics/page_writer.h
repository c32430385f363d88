// The page on its way out: a buffer of 64 KiB that is handed to a sink whenever it is full. Nothing
// is ever read back. Used by one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "metrics/exposition.h"
#include "metrics/metric.h"

namespace streamgauge {

class PageWriter {
 public:
  // `sink` must outlive this.
  PageWriter(ExpositionFormat format, const Exposition::Sink& sink);

  // HELP, TYPE and, in OpenMetrics, UNIT.
  void Header(const Metric& metric);
  void Append(std::string_view text);

  // Room for `size` bytes, to be filled from the start and then committed up to where they end.
  char* Reserve(std::size_t size) {
    if (static_cast<std::size_t>(end_ - next_) < size) [[unlikely]]
      MakeRoom(size);
    return next_;
  }
  void Commit(char* next) { next_ = next; }

  // Hands over what is left.
  void Flush();
  // The sink wants no more: whoever writes should stop soon, what is written is dropped.
  bool stopped() const { return stopped_; }

 private:
  void MakeRoom(std::size_t size);

  ExpositionFormat format_;
  const Exposition::Sink& sink_;
  std::unique_ptr<char[]> buffer_;
  char* next_;
  char* end_;
  bool stopped_ = false;
};

}  // namespace streamgauge
