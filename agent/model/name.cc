#include "model/name.h"

#include <array>

#include "model/utf8.h"

namespace streamgauge {
namespace {

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
