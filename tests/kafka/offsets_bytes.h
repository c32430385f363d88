// Records of __consumer_offsets as bytes, written as the brokers' group coordinator does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streamgauge::kafka {

class RecordBytes {
 public:
  RecordBytes& Int8(std::int8_t value) { return Number(value, 1); }
  RecordBytes& Int16(std::int16_t value) { return Number(value, 2); }
  RecordBytes& Int32(std::int32_t value) { return Number(value, 4); }
  RecordBytes& Int64(std::int64_t value) { return Number(value, 8); }
  RecordBytes& String(std::string_view text) {
    Int16(static_cast<std::int16_t>(text.size()));
    return Raw(text);
  }
  // Of at most 126 bytes.
  RecordBytes& CompactString(std::string_view text) {
    Int8(static_cast<std::int8_t>(text.size() + 1));
    return Raw(text);
  }
  RecordBytes& Raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  operator std::string() const { return bytes_; }
  // As long as this lives.
  operator std::string_view() const { return bytes_; }

 private:
  RecordBytes& Number(std::int64_t value, int size) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) {
      bytes_ += static_cast<char>(value >> shift & 0xFF);
    }
    return *this;
  }
  std::string bytes_;
};

inline std::string CommitKey(std::string_view group, std::string_view topic,
                             std::int32_t partition) {
  return RecordBytes().Int16(1).String(group).String(topic).Int32(partition);
}

inline std::string CommitBytes(std::int16_t version, std::int64_t offset, std::int64_t time_ms) {
  RecordBytes bytes;
  bytes.Int16(version).Int64(offset);
  if (version >= 3) bytes.Int32(7);
  version >= 4 ? bytes.CompactString("meta") : bytes.String("meta");
  bytes.Int64(time_ms);
  if (version == 1) bytes.Int64(4711);  // when it expires
  // One tagged field, the topic's id.
  if (version >= 4) bytes.Int8(1).Int8(0).Int8(16).Raw("0123456789abcdef");
  return bytes;
}

inline std::string GenerationKey(std::string_view group) {
  return RecordBytes().Int16(2).String(group);
}

inline std::string GenerationBytes(std::int16_t version, std::int32_t generation) {
  RecordBytes bytes;
  bytes.Int16(version);
  version >= 4 ? bytes.CompactString("consumer") : bytes.String("consumer");
  return bytes.Int32(generation);
}

}  // namespace streamgauge::kafka
