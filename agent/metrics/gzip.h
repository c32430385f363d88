// Compresses a page piece by piece into gzip members (RFC 1952): level 1, since a page of metrics
// shrinks to a twentieth at any level and the higher ones cost several times the CPU time.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace streamgauge {

class GzipMember {
 public:
  // Throws std::bad_alloc when zlib gets no memory.
  GzipMember();
  ~GzipMember();
  GzipMember(const GzipMember&) = delete;
  GzipMember& operator=(const GzipMember&) = delete;

  void Add(std::string_view text);
  // Ends the member; nothing can be added any more.
  std::string Finish() &&;

 private:
  void Deflate(int flush);

  z_stream stream_{};
  std::string out_;
};

}  // namespace streamgauge
