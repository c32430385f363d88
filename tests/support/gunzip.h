// Decompression, to look at what was sent compressed.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace streamgauge::test {

// The text of all members of a gzip file, up to the first fault.
inline std::string Gunzip(std::string_view compressed) {
  std::string text;
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string piece(1 << 16, '\0');
  for (int status = Z_OK; status == Z_OK || (status == Z_STREAM_END && stream.avail_in > 0);) {
    if (status == Z_STREAM_END) inflateReset(&stream);
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(piece, 0, piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return text;
}

}  // namespace streamgauge::test
