#include "kafka/byte_reader.h"

namespace streamgauge::kafka {

std::uint32_t ByteReader::Varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(Int8());
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) return static_cast<std::uint32_t>(value);
  }
  Fail();
  return 0;
}

std::string_view ByteReader::CompactString() { return Text(std::int64_t{Varint()} - 1); }

void ByteReader::SkipTags() {
  // Each takes two bytes at least, so that a false number of them ends soon.
  for (std::uint32_t count = Varint(); count > 0 && ok_; --count) {
    Varint();
    Text(Varint());
  }
}

std::uint64_t ByteReader::Number(std::size_t bytes) {
  if (left_.size() < bytes) {
    Fail();
    return 0;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<std::uint8_t>(left_[i]);
  left_.remove_prefix(bytes);
  return value;
}

std::string_view ByteReader::Text(std::int64_t length) {
  if (length == -1) return {};
  if (length < 0 || static_cast<std::uint64_t>(length) > left_.size()) {
    Fail();
    return {};
  }
  const std::string_view text = left_.substr(0, static_cast<std::size_t>(length));
  left_.remove_prefix(text.size());
  return text;
}

}  // namespace streamgauge::kafka
