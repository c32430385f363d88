#include "model/name.h"

#include <algorithm>
#include <array>

#include "model/utf8.h"

namespace streamgauge {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void AppendByteAsText(unsigned char byte, std::string& out) {
  out += "\\x";
  out += kHex[byte >> 4];
  out += kHex[byte & 0xF];
}

// True when `text` begins with what AppendByteAsText writes.
bool LooksLikeByteAsText(std::string_view text) {
  return text.size() >= 4 && text.starts_with("\\x") && kHex.contains(text[2]) &&
         kHex.contains(text[3]);
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Length of what may stay as it is at the start of `name`; 0 if its first byte may not.
std::size_t PlainLength(std::string_view name, bool controls_stay) {
  // NUL is valid UTF-8, but not every parser of the exposition format reads on after it.
  if (name[0] == '\0' || LooksLikeByteAsText(name)) return 0;
  if (!controls_stay && IsControl(name[0])) return 0;
  return Utf8SequenceLength(name);
}

std::string Written(std::string_view name, bool controls_stay) {
  std::string text;
  text.reserve(name.size());
  while (!name.empty()) {
    const std::size_t length = PlainLength(name, controls_stay);
    if (length == 0) AppendByteAsText(static_cast<unsigned char>(name[0]), text);
    text += name.substr(0, length);
    name.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text;
}

}  // namespace

std::string_view ToString(NameKind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"stream", "group", "consumer"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string Readable(std::string_view name) { return Written(name, true); }

std::string OnOneLine(std::string_view name) { return Written(name, false); }

std::string FromReadable(std::string_view text) {
  std::string name;
  name.reserve(text.size());
  while (!text.empty()) {
    const bool byte = LooksLikeByteAsText(text);
    name += byte ? static_cast<char>(kHex.find(text[2]) << 4 | kHex.find(text[3])) : text[0];
    text.remove_prefix(byte ? 4 : 1);
  }
  return name;
}

void AppendEscapedLabelValue(std::string_view value, std::string& out) {
  for (const char c : Readable(value)) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\n':
        out += "\\n";
        break;
      default:
        out += c;
    }
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
