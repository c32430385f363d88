#include "model/name.h"

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

}  // namespace

std::string_view ToString(NameKind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"stream", "group", "consumer"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string Readable(std::string_view name) {
  std::string text;
  text.reserve(name.size());
  while (!name.empty()) {
    std::size_t length = Utf8SequenceLength(name);
    // NUL is valid UTF-8, but not every parser of the exposition format reads on after it.
    if (length == 0 || name[0] == '\0' || LooksLikeByteAsText(name)) {
      AppendByteAsText(static_cast<unsigned char>(name[0]), text);
      length = 1;
    } else {
      text += name.substr(0, length);
    }
    name.remove_prefix(length);
  }
  return text;
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
