#include "preflight/wrapped_text.h"

#include <algorithm>
#include <vector>

namespace streamgauge {
namespace {

// What a server said, or a name of its own, must not move a terminal's cursor.
std::string WithoutControls(std::string_view text) {
  std::string plain(text);
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  };
  std::ranges::replace_if(plain, is_control, ' ');
  return plain;
}

using Units = std::vector<std::string_view>;

Units WordsOf(std::string_view text) {
  Units words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

// Options stay with their arguments.
Units OptionsOf(std::string_view command) {
  Units units;
  for (const std::string_view word : WordsOf(command)) {
    const bool argument = !units.empty() && units.back().starts_with("--") &&
                          units.back().find(' ') == std::string_view::npos &&
                          !word.starts_with("--");
    if (argument) {
      units.back() = {units.back().data(), word.data() + word.size()};
    } else {
      units.push_back(word);
    }
  }
  return units;
}

std::string Wrap(std::string_view head, const Units& units, std::size_t columns,
                 std::string_view line_break) {
  std::string out = WithoutControls(head);
  std::size_t column = head.size();
  bool line_begins = true;
  for (const std::string_view unit : units) {
    if (!line_begins && column + 1 + unit.size() + line_break.size() > columns) {
      out += line_break;
      out += "\n" + std::string(head.size(), ' ');
      column = head.size();
      line_begins = true;
    }
    if (!line_begins) out += ' ';
    column += unit.size() + (line_begins ? 0 : 1);
    out += unit;
    line_begins = false;
  }
  return out + "\n";
}

}  // namespace

std::string WrappedText(std::string_view head, std::string_view words, std::size_t columns) {
  const std::string plain = WithoutControls(words);
  return Wrap(head, WordsOf(plain), columns, "");
}

std::string WrappedCommand(std::string_view head, std::string_view command, std::size_t columns) {
  const std::string plain = WithoutControls(command);
  return Wrap(head, OptionsOf(plain), columns, " \\");
}

}  // namespace streamgauge
