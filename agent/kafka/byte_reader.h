// Reads the fields of Kafka's own records: big-endian numbers, strings with a length before them.
// Nothing beyond the bytes is ever read: what is missing reads as 0 or empty, and ok() is false
// from then on. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace streamgauge::kafka {

class ByteReader {
 public:
  // `bytes` outlives this and the strings that are read from it.
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  std::int8_t Int8() { return static_cast<std::int8_t>(Number(1)); }
  std::int16_t Int16() { return static_cast<std::int16_t>(Number(2)); }
  std::int32_t Int32() { return static_cast<std::int32_t>(Number(4)); }
  std::int64_t Int64() { return static_cast<std::int64_t>(Number(8)); }
  // An unsigned number in groups of seven bits, the lowest first; of 32 bits at most.
  std::uint32_t Varint();

  // A string with its length in two bytes; null reads as empty.
  std::string_view String() { return Text(Int16()); }
  // The same in the flexible versions: the length plus one as a Varint, 0 for null.
  std::string_view CompactString();
  // The tagged fields at the end of a flexible structure.
  void SkipTags();

  // All that was asked for was there.
  bool ok() const { return ok_; }

 private:
  std::uint64_t Number(std::size_t bytes);
  // `length` -1 is null.
  std::string_view Text(std::int64_t length);
  void Fail() {
    ok_ = false;
    left_ = {};
  }

  std::string_view left_;
  bool ok_ = true;
};

}  // namespace streamgauge::kafka
