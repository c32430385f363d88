#include "metrics/gzip.h"

#include <limits>
#include <new>
#include <utility>

namespace streamgauge {
namespace {

constexpr int kLevel = 1;
constexpr int kGzipFormat = 15 + 16;  // the largest window, gzip instead of zlib framing
constexpr int kMemoryLevel = 8;       // zlib's default
constexpr std::size_t kPiece = std::size_t{32} << 10;

}  // namespace

GzipMember::GzipMember() {
  if (deflateInit2(&stream_, kLevel, Z_DEFLATED, kGzipFormat, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
}

GzipMember::~GzipMember() { deflateEnd(&stream_); }

void GzipMember::Add(std::string_view text) {
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, kMost);
    // zlib's interface knows no const; it does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream_.avail_in = static_cast<uInt>(piece.size());
    Deflate(Z_NO_FLUSH);
    text.remove_prefix(piece.size());
  }
}

std::string GzipMember::Finish() && {
  Deflate(Z_FINISH);
  out_.shrink_to_fit();  // it may be kept for long
  return std::move(out_);
}

void GzipMember::Deflate(int flush) {
  char piece[kPiece];
  do {
    stream_.next_out = reinterpret_cast<Bytef*>(piece);
    stream_.avail_out = kPiece;
    deflate(&stream_, flush);
    out_.append(piece, kPiece - stream_.avail_out);
  } while (stream_.avail_out == 0);
}

}  // namespace streamgauge
