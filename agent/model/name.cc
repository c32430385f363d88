#include "model/name.h"

#include <array>

namespace streamgauge {
namespace {

// Length of the valid UTF-8 sequence at the start of `s` (1 to 4), or 0 if there is none.
// Overlong forms, surrogates and code points above U+10FFFF are invalid (RFC 3629, section 4).
std::size_t Utf8SequenceLength(std::string_view s) {
  const auto byte = [&s](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const auto continues = [&](std::size_t i, unsigned char low, unsigned char high) {
    return i < s.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1, 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned char low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned char low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2, 0x80, 0xBF) && continues(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

void AppendByteAsText(unsigned char byte, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  // Two backslashes: the exposition format reads them as one.
  out += "\\\\x";
  out += kHex[byte >> 4];
  out += kHex[byte & 0xF];
}

}  // namespace

std::string_view ToString(NameKind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"stream", "group", "consumer"};
  return kNames[static_cast<std::size_t>(kind)];
}

void AppendEscapedLabelValue(std::string_view value, std::string& out) {
  while (!value.empty()) {
    const std::size_t length = Utf8SequenceLength(value);
    if (length == 0) {
      AppendByteAsText(static_cast<unsigned char>(value[0]), out);
      value.remove_prefix(1);
      continue;
    }
    switch (value[0]) {
      case '\\': out += "\\\\"; break;
      case '"': out += "\\\""; break;
      case '\n': out += "\\n"; break;
      default: out += value.substr(0, length);
    }
    value.remove_prefix(length);
  }
}

Name::Name(NameKind kind, std::string_view text) : text_(text), fragment_(ToString(kind)) {
  fragment_ += "=\"";
  AppendEscapedLabelValue(text, fragment_);
  fragment_ += '"';
  fragment_.shrink_to_fit();
}

NameRef NameTable::Intern(std::string_view text) {
  const auto found = names_.find(text);
  if (found != names_.end()) return found->second;
  NameRef name = std::make_shared<const Name>(kind_, text);
  names_.emplace(name->text(), name);
  return name;
}

void NameTable::Sweep() {
  std::erase_if(names_, [](const auto& entry) { return entry.second.use_count() == 1; });
}

}  // namespace streamgauge
